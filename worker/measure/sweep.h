// One sweep of a job, from its first block to its result.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "cusp/v1/job.pb.h"
#include "cusp/v1/measurement.pb.h"
#include "worker/measure/block_runner.h"
#include "worker/measure/energy_counter.h"
#include "worker/measure/runner_connection.h"
#include "worker/measure/sweep_host.h"
#include "worker/measure/sweep_setup.h"

namespace cusp::measure {

struct SweepOptions {
  SweepTarget target;
  // Of earlier attempts, by number: counted, and never measured again.
  std::vector<v1::Block> committed;
  // New blocks are numbered from last_block + 1.
  int64_t last_block = 0;
  // Of the device, to order the work by; empty: not known.
  v1::DeviceSpeed speed = {};
  // Memory probes that may run at once.
  int probes_at_once = 1;
  BlockRunnerOptions blocks;
};

// How a sweep ended.
struct SweepEnd {
  enum class Kind {
    kSucceeded,  // `result` has at least one usable point
    kFailed,     // `failure` says why; `result` holds what is known
    kStopped,    // the host wanted it
  };
  Kind kind = Kind::kStopped;
  v1::SweepResult result;
  v1::Failure failure;
};

// What a sweep uses; all of it must outlive the call.
struct SweepDependencies {
  RunnerLauncher& launcher;
  SweepHost& host;
  const Clock& clock;
  EnergyCounter* energy = nullptr;  // of the device; without it energy is not available
};

// Measures latencies first (one planner for each batch size), then peak memory,
// until nothing is left to ask or the budget is spent. Blocks until then; all
// runners have ended when it returns.
SweepEnd RunSweep(const SweepOptions& options, const SweepDependencies& dependencies);

}  // namespace cusp::measure
