#include "worker/daemon/device_facts.h"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "catalog/job_check.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "common/version.h"
#include "google/protobuf/util/time_util.h"
#include "worker/daemon/device_speed.h"
#include "worker/daemon/nvml.h"
#include "worker/daemon/powercap.h"
#include "worker/measure/outcome.h"

namespace cusp::worker {
namespace {

// Loading LibTorch from a cold disk takes its time.
constexpr std::chrono::seconds kStartTimeout{300};
constexpr char kFirstGpu[] = "/dev/nvidia0";

}  // namespace

HostFacts ReadHostFacts() {
  HostFacts facts;
  utsname name{};
  if (uname(&name) == 0) {
    facts.host = name.nodename;
    facts.kernel = name.release;
  }
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0) {
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &cpus)) {
        facts.cpus.push_back(cpu);
      }
    }
    facts.cores = std::max(static_cast<int>(facts.cpus.size()), 1);
  }
  return facts;
}

std::string ResolveDevice(const std::string& wanted) {
  if (wanted == "auto" || wanted.empty()) {
    return access(kFirstGpu, R_OK | W_OK) == 0 ? "cuda:0" : "cpu";
  }
  return wanted == "cuda" ? "cuda:0" : wanted;
}

absl::StatusOr<RunnerFacts> AskRunner(measure::RunnerLauncher& launcher, const std::string& device,
                                      int64_t memory_limit_bytes) {
  CUSP_ASSIGN_OR_RETURN(const auto runner, launcher.Launch());
  runner::v1::Request request;
  request.mutable_start()->set_device(device);
  request.mutable_start()->set_memory_limit_bytes(memory_limit_bytes);
  CUSP_ASSIGN_OR_RETURN(runner::v1::Response response, runner->Call(request, kStartTimeout));
  CUSP_RETURN_IF_ERROR(
      Annotate(measure::CheckResponse(response, runner::v1::Response::kStart), device));
  RunnerFacts facts{.started = std::move(*response.mutable_start()), .speed = v1::DeviceSpeed()};
  facts.speed = MeasureSpeed(*runner, facts.started);
  return facts;
}

absl::StatusOr<DeviceInstruments> OpenInstruments(const runner::v1::StartResponse& device) {
  if (device.pci_bus_id().empty()) {
    CUSP_ASSIGN_OR_RETURN(auto counter, PowercapCounter::Open("/sys/class/powercap"));
    return DeviceInstruments{.energy = std::move(counter)};
  }
  CUSP_ASSIGN_OR_RETURN(std::shared_ptr<NvmlDevice> gpu,
                        NvmlDevice::Open("libnvidia-ml.so.1", device.pci_bus_id()));
  return DeviceInstruments{.energy = gpu, .watch = gpu};
}

v1::Worker DescribeWorker(const std::string& name, const HostFacts& host,
                          const RunnerFacts& facts) {
  const runner::v1::StartResponse& device = facts.started;
  v1::Worker worker;
  worker.set_name("workers/" + name);
  worker.set_device_class(device.device_class());
  worker.set_device(device.device());
  worker.set_host(host.host);
  worker.set_memory_bytes(device.memory_bytes());
  worker.set_cores(host.cores);
  worker.set_cusp_version(kVersion);
  if (facts.speed.ok()) {
    *worker.mutable_speed() = *facts.speed;
  }
  return worker;
}

v1::Provenance MakeProvenance(const HostFacts& host, const MachineFacts& machine,
                              const runner::v1::StartResponse& device) {
  v1::Provenance provenance;
  provenance.set_device_class(device.device_class());
  provenance.set_device(device.device());
  provenance.set_host(host.host);
  provenance.set_driver_version(device.driver_version());
  provenance.set_torch_version(device.torch_version());
  provenance.set_cusp_version(kVersion);
  provenance.set_build_id(device.build_id());
  provenance.set_threads(device.threads());
  provenance.set_affinity(device.affinity());
  provenance.set_allocator(device.allocator());
  provenance.set_cpu_capability(device.cpu_capability());
  provenance.set_kernel(host.kernel);
  provenance.set_number_settings(device.number_settings());
  provenance.set_memory_bytes(device.memory_bytes());
  provenance.set_cpu_governor(machine.cpu_governor);
  provenance.set_cpu_min_mhz(machine.cpu_min_mhz);
  provenance.set_cpu_max_mhz(machine.cpu_max_mhz);
  provenance.set_cpus(machine.cpus);
  provenance.set_libc(machine.libc);
  provenance.set_microcode(machine.microcode);
  provenance.set_virtual_machine(machine.virtual_machine);
  provenance.set_device_clock_mhz(device.clock_mhz());
  provenance.set_device_memory_clock_mhz(device.memory_clock_mhz());
  return provenance;
}

v1::SweepConditions MakeConditions(const v1::JobSpec& spec, const MachineLoad& load,
                                   int64_t now_us) {
  v1::SweepConditions conditions;
  *conditions.mutable_start_time() =
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(now_us);
  if (load.average) {
    conditions.set_load_average(*load.average);
  }
  if (load.runnable_threads) {
    conditions.set_runnable_threads(*load.runnable_threads);
  }
  // Of a bad job the sweep itself says what is wrong.
  if (const auto variants = catalog::ResolveVariants(spec); variants.ok()) {
    for (const catalog::ResolvedVariant& variant : *variants) {
      v1::VariantConfig& config = *conditions.add_variants();
      config.set_variant(variant.name);
      config.set_config_sha256(Sha256Hex(variant.config_json));
    }
  }
  return conditions;
}

}  // namespace cusp::worker
