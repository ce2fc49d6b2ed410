#include "server/queue/matching.h"

#include <algorithm>

#include "common/served_devices.h"

namespace cusp::server {

std::vector<std::string> DevicesServedBy(const Worker& worker) {
  return ServedDevices(worker.device, worker.device_class);
}

bool Serves(const Worker& worker, std::string_view device) {
  const std::vector<std::string> devices = DevicesServedBy(worker);
  return std::find(devices.begin(), devices.end(), device) != devices.end();
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

}  // namespace cusp::server
