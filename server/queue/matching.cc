#include "server/queue/matching.h"

#include <algorithm>
#include <tuple>

#include "common/served_devices.h"

namespace cusp::server {

std::vector<std::string> DevicesServedBy(const Worker& worker) {
  return ServedDevices(worker.device, worker.device_class);
}

bool Serves(const Worker& worker, std::string_view device) {
  const std::vector<std::string> devices = DevicesServedBy(worker);
  return std::find(devices.begin(), devices.end(), device) != devices.end();
}

bool GoesBefore(const Sweep& a, const Sweep& b) {
  return std::make_tuple(-a.priority, a.job_id, a.number) <
         std::make_tuple(-b.priority, b.job_id, b.number);
}

bool MayResume(const Provenance& provenance, const Worker& worker) {
  const auto agree = [](const std::string& a, const std::string& b) {
    return a.empty() || b.empty() || a == b;
  };
  return agree(provenance.device_class, worker.device_class) &&
         agree(provenance.device, worker.device) && agree(provenance.host, worker.host) &&
         agree(provenance.cusp_version, worker.cusp_version);
}

ProvenanceDecision DecideProvenance(bool same_as_generation, int64_t blocks_committed) {
  if (same_as_generation) {
    return ProvenanceDecision::kKeep;
  }
  return blocks_committed == 0 ? ProvenanceDecision::kAdopt : ProvenanceDecision::kRestart;
}

std::string WaitingReason(const WaitingFacts& facts) {
  if (facts.state == JobState::kHeld) {
    return "held by its owner; release it to queue it again";
  }
  if (facts.state != JobState::kQueued) {
    return "";
  }
  if (facts.workers_alive == 0) {
    return "no worker is connected; start cusp-worker";
  }
  if (facts.workers_serving == 0) {
    return "none of the " + std::to_string(facts.workers_alive) +
           " connected workers has the device \"" + facts.device + "\"";
  }
  const std::string device = facts.device == "auto" ? "worker" : "\"" + facts.device + "\" worker";
  return "waiting for a free " + device + ": " + std::to_string(facts.sweeps_ahead) + " ahead";
}

}  // namespace cusp::server
