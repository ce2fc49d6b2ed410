#include "server/auth/listen_address.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace cusp::server {
namespace {

constexpr char kUnix[] = "unix:";

absl::Status BadAddress(const std::string& text, const std::string& why) {
  return absl::InvalidArgumentError("--listen " + text + ": " + why +
                                    "; give unix:PATH or HOST:PORT, such as 127.0.0.1:7870");
}

absl::StatusOr<ListenAddress> ParseUnix(const std::string& text) {
  ListenAddress address;
  address.is_unix = true;
  address.path = text.substr(sizeof(kUnix) - 1);
  if (address.path.empty()) {
    return BadAddress(text, "the socket has no path");
  }
  if (address.path.size() >= sizeof(sockaddr_un::sun_path)) {
    return BadAddress(text, "the path is longer than the " +
                                std::to_string(sizeof(sockaddr_un::sun_path) - 1) +
                                " characters that a socket's may have; choose a shorter one");
  }
  return address;
}

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.rfind("127.", 0) == 0;
}

}  // namespace

std::string ListenAddress::ToString() const {
  if (is_unix) {
    return kUnix + path;
  }
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

absl::StatusOr<ListenAddress> ParseListenAddress(const std::string& text) {
  if (text.rfind(kUnix, 0) == 0) {
    return ParseUnix(text);
  }
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) {
    return BadAddress(text, "there is no host or no port");
  }
  ListenAddress address;
  address.host = text.substr(0, colon);
  if (address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  } else if (address.host.find(':') != std::string::npos) {
    return BadAddress(text, "an IPv6 address needs brackets, such as [::1]:7870");
  }
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, address.port);
  if (error != std::errc() || stop != end || address.port < 0 || address.port > 65535) {
    return BadAddress(text, "the port is no number from 0 to 65535");
  }
  address.is_loopback = IsLoopback(address.host);
  return address;
}

absl::Status CheckTransport(const ListenAddress& address, bool has_tls) {
  if (address.is_unix || address.is_loopback || has_tls) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "--listen " + address.ToString() +
      " is open to the network, and without TLS tokens could be read on the way; give --tls-cert "
      "and --tls-key, or listen on 127.0.0.1 or a unix: socket");
}

absl::Status RemoveStaleSocket(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) {
    return absl::OkStatus();
  }
  if (!S_ISSOCK(info.st_mode)) {
    return absl::FailedPreconditionError(path + " exists and is no socket; choose another path");
  }
  sockaddr_un target{};
  target.sun_family = AF_UNIX;
  std::memcpy(target.sun_path, path.c_str(), path.size() + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return absl::UnavailableError(std::string("cannot make a socket: ") + std::strerror(errno));
  }
  const bool alive = connect(fd, reinterpret_cast<sockaddr*>(&target), sizeof(target)) == 0;
  close(fd);
  if (alive) {
    return absl::FailedPreconditionError("another process listens on " + path +
                                         "; stop it, or choose another path");
  }
  if (unlink(path.c_str()) != 0) {
    return absl::UnavailableError("cannot remove the stale socket " + path + ": " +
                                  std::strerror(errno));
  }
  return absl::OkStatus();
}

}  // namespace cusp::server
