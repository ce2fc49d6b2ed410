// AdminService's requests, checked, and its messages from what is stored.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cusp/v1/admin_service.pb.h"
#include "server/store/audit.h"
#include "server/store/tokens.h"
#include "server/store/users.h"

namespace cusp::server {

// All checks: INVALID_ARGUMENT names the field and what it takes.

// Without hash and expiry, which follow from the answer's moment.
absl::StatusOr<NewTokenRow> CheckNewToken(const v1::CreateTokenRequest& request);

// Time from now until the token expires; nothing: never.
absl::StatusOr<std::optional<int64_t>> LifetimeMicros(const v1::CreateTokenRequest& request);

absl::StatusOr<UserChange> CheckUserChange(const v1::UpdateUserRequest& request);

// Page, actor, action and time; the job is still to be resolved.
absl::StatusOr<AuditFilter> CheckAuditFilter(const v1::ListAuditEventsRequest& request);

v1::Token ToProto(const Token& token);
v1::User ToProto(const User& user);
v1::AuditEvent ToProto(const AuditEvent& event);

// Page tokens of ListAuditEvents, of which the others are not.
inline constexpr char kAuditPage = 'a';

}  // namespace cusp::server
