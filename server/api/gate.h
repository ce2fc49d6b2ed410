// What every call passes first.
#pragma once

#include <grpcpp/server_context.h>

#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "server/api/call_log.h"
#include "server/auth/authenticator.h"
#include "server/auth/open_calls.h"
#include "server/auth/permissions.h"

namespace cusp::server {

// Finds out who calls, whether it may, and whether it has too many calls open. Each
// method of each service asks it before anything else. On the private socket there
// are no limits. Thread-safe.
class Gate {
 public:
  // `log` is told who makes each call; nullptr: nobody is.
  explicit Gate(Authenticator authenticator, OpenCalls calls = {}, CallLog* log = nullptr)
      : authenticator_(std::move(authenticator)), calls_(std::move(calls)), log_(log) {}

  // The call counts as open for as long as the Caller lives. UNAUTHENTICATED,
  // PERMISSION_DENIED, RESOURCE_EXHAUSTED.
  absl::StatusOr<Caller> Admit(const grpc::ServerContextBase& context, Permission permission) const;

  // The same for a call that may last, and is cancelled when its token is revoked
  // or expires.
  // Its reactor keeps the Caller, and gives it up in OnDone at the latest: `context`
  // must outlive it.
  absl::StatusOr<Caller> AdmitLasting(grpc::ServerContextBase& context,
                                      Permission permission) const;

  // Cancels the lasting calls of a token that was revoked.
  void Cut(int64_t token_id) const { calls_.Cut(token_id); }

  // Cancels those of tokens that have expired. To be called several times a second.
  void CutExpired(int64_t now_us) const { calls_.CutExpired(now_us); }

 private:
  absl::StatusOr<Caller> Identify(const grpc::ServerContextBase& context,
                                  Permission permission) const;

  Authenticator authenticator_;
  OpenCalls calls_;
  CallLog* const log_;
};

}  // namespace cusp::server
