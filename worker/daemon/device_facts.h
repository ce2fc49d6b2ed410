// What this worker measures on.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cusp/runner/v1/runner.pb.h"
#include "cusp/v1/measurement.pb.h"
#include "cusp/v1/spec.pb.h"
#include "cusp/v1/worker.pb.h"
#include "worker/daemon/machine_facts.h"
#include "worker/measure/device_watch.h"
#include "worker/measure/energy_counter.h"
#include "worker/measure/runner_connection.h"

namespace cusp::worker {

// Of the machine, without asking a runner.
struct HostFacts {
  std::string host;       // name
  std::string kernel;     // release
  std::vector<int> cpus;  // that this process, and a runner of it, may use
  int cores = 1;          // their number
};

HostFacts ReadHostFacts();

// Device that `wanted` means: "auto" is the first GPU where the machine has
// one, else "cpu"; "cuda" is "cuda:0".
std::string ResolveDevice(const std::string& wanted);

// What a runner says of a device.
struct RunnerFacts {
  runner::v1::StartResponse started;
  // A worker does without it, so a fault of measuring it is no error.
  absl::StatusOr<v1::DeviceSpeed> speed;
};

// Starts a runner, asks it for the facts and the speed of `device`, and ends it. The
// error says what is wrong with the runner or the device.
absl::StatusOr<RunnerFacts> AskRunner(measure::RunnerLauncher& launcher, const std::string& device,
                                      int64_t memory_limit_bytes);

// What the system tells of a device while it measures.
struct DeviceInstruments {
  std::shared_ptr<measure::EnergyCounter> energy = nullptr;  // nullptr: none
  std::shared_ptr<measure::DeviceWatch> watch = nullptr;     // likewise; of a GPU
};

// NVIDIA's library of a GPU, powercap of a CPU. NOT_FOUND, PERMISSION_DENIED.
absl::StatusOr<DeviceInstruments> OpenInstruments(const runner::v1::StartResponse& device);

// How the coordinator shall know this worker.
v1::Worker DescribeWorker(const std::string& name, const HostFacts& host, const RunnerFacts& facts);

// What the samples of a runner were measured with; without conditions.
v1::Provenance MakeProvenance(const HostFacts& host, const MachineFacts& machine,
                              const runner::v1::StartResponse& device);

// How a sweep's measuring begins: at `now_us`, microseconds since 1970 UTC, with the
// configurations that the runner is about to be sent.
v1::SweepConditions MakeConditions(const v1::JobSpec& spec, const MachineLoad& load,
                                   int64_t now_us);

}  // namespace cusp::worker
