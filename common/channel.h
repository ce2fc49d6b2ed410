// A connection to the coordinator, for cusp and cusp-worker.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cusp {

// Where the coordinator is, and who calls. Empty files are not used.
struct ChannelOptions {
  std::string server;      // "unix:PATH" or "host:port", IPv6 in brackets
  std::string token_file;  // sent as "authorization: Bearer …" with every call
  std::string ca_file;     // PEM; empty: the system's
  std::string cert_file;   // own certificate, for a server that asks for one
  std::string key_file;    // key of cert_file
};

// Longest path that a Unix socket can have.
inline constexpr size_t kMaxSocketPath = 107;

// No longer message is sent or received.
inline constexpr int kMaxMessageBytes = 4 << 20;

// True where `server` is a Unix socket or names this very machine, so that
// nobody else hears what is said.
bool IsLocalAddress(const std::string& server);

// Connects lazily: a wrong address shows at the first call, as UNAVAILABLE.
// TLS is used with ca_file or cert_file, and for every address that is not
// local. The channel reconnects by itself, at most 2 s apart.
// INVALID_ARGUMENT for a malformed address, or the fault of a file.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const ChannelOptions& options);

}  // namespace cusp
