// What every call passes first.
#pragma once

#include <grpcpp/server_context.h>

#include <utility>

#include "absl/status/statusor.h"
#include "server/auth/authenticator.h"

namespace cusp::server {

// Finds out who calls. Each method of each service asks it before anything else.
// Thread-safe.
class Gate {
 public:
  explicit Gate(Authenticator authenticator) : authenticator_(std::move(authenticator)) {}

  // UNAUTHENTICATED.
  absl::StatusOr<Caller> Admit(const grpc::ServerContextBase& context) const;

 private:
  Authenticator authenticator_;
};

}  // namespace cusp::server
