#include "server/api/gate.h"

#include <optional>
#include <string_view>

#include "common/status_macros.h"

namespace cusp::server {

absl::StatusOr<Caller> Gate::Identify(const grpc::ServerContextBase& context,
                                      Permission permission) const {
  const auto& metadata = context.client_metadata();
  const auto it = metadata.find("authorization");
  std::optional<std::string_view> authorization;
  if (it != metadata.end()) {
    authorization.emplace(it->second.data(), it->second.size());
  }
  CUSP_ASSIGN_OR_RETURN(Caller caller, authenticator_.Check(authorization));
  if (log_ != nullptr) {
    log_->Identify(&context, caller.user);
  }
  if (!Allows(caller.role, permission)) {
    return Refusal(caller.role, permission);
  }
  return caller;
}

absl::StatusOr<Caller> Gate::Admit(const grpc::ServerContextBase& context,
                                   Permission permission) const {
  CUSP_ASSIGN_OR_RETURN(Caller caller, Identify(context, permission));
  if (caller.token_id != 0) {
    const CallKind kind =
        permission == Permission::kMeasure ? CallKind::kWorkerCall : CallKind::kCall;
    CUSP_ASSIGN_OR_RETURN(caller.slot, calls_.Take(caller.user, kind));
  }
  return caller;
}

absl::StatusOr<Caller> Gate::AdmitLasting(grpc::ServerContextBase& context,
                                          Permission permission) const {
  CUSP_ASSIGN_OR_RETURN(Caller caller, Identify(context, permission));
  if (caller.token_id != 0) {
    const CallKind kind =
        permission == Permission::kMeasure ? CallKind::kWorkerCall : CallKind::kWatch;
    CUSP_ASSIGN_OR_RETURN(caller.slot,
                          calls_.Take(caller.user, kind,
                                      CuttableCall{caller.token_id, caller.expire_time_us,
                                                   [&context] { context.TryCancel(); }}));
    // A revocation between the two would have found nothing to cut.
    CUSP_RETURN_IF_ERROR(Identify(context, permission).status());
  }
  return caller;
}

}  // namespace cusp::server
