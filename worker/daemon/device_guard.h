// That a GPU is one worker's, and nobody else's while that worker measures.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/unique_fd.h"
#include "worker/measure/device_watch.h"

namespace cusp::worker {

// Exclusive among the workers of a host, of whatever user, until destroyed or until the process
// ends, by whatever cause. Children don't inherit it.
class DeviceGuard {
 public:
  // FAILED_PRECONDITION where another worker has the device of this PCI bus id.
  static absl::StatusOr<DeviceGuard> Take(const std::string& pci_bus_id);

 private:
  explicit DeviceGuard(int socket) : socket_(socket) {}

  UniqueFd socket_;
};

// Why a device on which this worker has no runner is not idle, for people; empty where it is.
std::string WhyNotIdle(const measure::DeviceState& state);

}  // namespace cusp::worker
