// Where the service listens, and whether that is safe.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cusp::server {

// "unix:PATH" or "host:port".
struct ListenAddress {
  bool is_unix = false;
  std::string path;  // of a socket
  std::string host;  // without brackets
  int port = 0;      // 0: any free one
  bool is_loopback = false;

  // As gRPC wants it.
  std::string ToString() const;
};

// INVALID_ARGUMENT with the remedy.
absl::StatusOr<ListenAddress> ParseListenAddress(const std::string& text);

// INVALID_ARGUMENT where anybody on the network could read along: any address
// but a socket or loopback needs TLS.
absl::Status CheckTransport(const ListenAddress& address, bool has_tls);

// Removes the socket file that a dead process left. FAILED_PRECONDITION where a
// living one listens on it, or where the file is no socket.
absl::Status RemoveStaleSocket(const std::string& path);

}  // namespace cusp::server
