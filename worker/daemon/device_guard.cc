#include "worker/daemon/device_guard.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "absl/status/status.h"

namespace cusp::worker {

// A name in the abstract namespace of sockets (unix(7)) is the kernel's own: it needs no folder
// in which every user may write, and is free again when its holder dies.
absl::StatusOr<DeviceGuard> DeviceGuard::Take(const std::string& pci_bus_id) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = "cusp-worker-" + pci_bus_id;
  // The first byte stays 0.
  const size_t length = std::min(name.size(), sizeof address.sun_path - 1);
  std::memcpy(address.sun_path + 1, name.data(), length);
  DeviceGuard guard(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + length);
  if (guard.socket_.ok() &&
      bind(guard.socket_.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0) {
    return guard;
  }
  if (errno == EADDRINUSE) {
    return absl::FailedPreconditionError("another worker on this host has the device " +
                                         pci_bus_id + "; stop it, or choose another --device");
  }
  return absl::UnavailableError("device " + pci_bus_id +
                                " cannot be reserved: " + std::strerror(errno));
}

std::string WhyNotIdle(const measure::DeviceState& state) {
  if (state.processes == 0) {
    return "";
  }
  return std::to_string(state.processes) + " other process" + (state.processes == 1 ? "" : "es") +
         " on the device";
}

}  // namespace cusp::worker
