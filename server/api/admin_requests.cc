#include "server/api/admin_requests.h"

#include <cmath>
#include <optional>
#include <string>

#include "common/status_macros.h"
#include "server/api/names.h"
#include "server/api/translate.h"
#include "server/auth/permissions.h"

namespace cusp::server {
namespace {

constexpr double kMaxWeight = 1000;
constexpr int64_t kMaxCap = 1'000'000;
constexpr int64_t kMaxBytesCap = int64_t{1} << 50U;
constexpr char kPaths[] = "share_weight, max_queued, max_running and max_artifact_bytes";
constexpr int64_t kMaxLifetimeSeconds = int64_t{100} * 365 * 24 * 3600;
constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr size_t kMaxFilterBytes = 128;

absl::Status SetCap(const std::string& path, int64_t value, int64_t max,
                    std::optional<int64_t>& cap) {
  if (value < 0 || value > max) {
    return absl::InvalidArgumentError("user." + path + " " + std::to_string(value) +
                                      " is not within 0 (no cap) to " + std::to_string(max));
  }
  cap = value;
  return absl::OkStatus();
}

absl::Status SetPath(const std::string& path, const v1::User& user, UserChange& change) {
  if (path == "max_queued") {
    return SetCap(path, user.max_queued(), kMaxCap, change.max_queued);
  }
  if (path == "max_running") {
    return SetCap(path, user.max_running(), kMaxCap, change.max_running);
  }
  if (path == "max_artifact_bytes") {
    return SetCap(path, user.max_artifact_bytes(), kMaxBytesCap, change.max_artifact_bytes);
  }
  if (path != "share_weight") {
    return absl::InvalidArgumentError("update_mask names \"" + path.substr(0, kMaxFilterBytes) +
                                      "\"; it takes " + kPaths);
  }
  // NaN fails both comparisons.
  if (!(user.share_weight() > 0 && user.share_weight() <= kMaxWeight)) {
    return absl::InvalidArgumentError("user.share_weight is not above 0 and at most 1,000");
  }
  change.share_weight = user.share_weight();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<NewTokenRow> CheckNewToken(const v1::CreateTokenRequest& request) {
  CUSP_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  CUSP_RETURN_IF_ERROR(CheckUserName(request.user()));
  if (!v1::Token::Role_IsValid(request.role()) || request.role() == v1::Token::ROLE_UNSPECIFIED) {
    return absl::InvalidArgumentError(
        "role is missing or unknown; it is reader, submitter, worker or admin");
  }
  NewTokenRow row;
  row.user = request.user();
  row.role = request.role();
  row.role_text = RoleText(static_cast<Role>(request.role()));
  return row;
}

absl::StatusOr<std::optional<int64_t>> LifetimeMicros(const v1::CreateTokenRequest& request) {
  if (!request.has_lifetime()) {
    return std::optional<int64_t>();
  }
  const int64_t seconds = request.lifetime().seconds();
  if (seconds < 1 || seconds > kMaxLifetimeSeconds) {
    return absl::InvalidArgumentError("lifetime is not within a second to 100 years");
  }
  return std::optional<int64_t>(seconds * kMicrosPerSecond);
}

absl::StatusOr<UserChange> CheckUserChange(const v1::UpdateUserRequest& request) {
  CUSP_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  CUSP_RETURN_IF_ERROR(CheckUserName(request.user().name()));
  if (request.update_mask().paths().empty()) {
    return absl::InvalidArgumentError(std::string("update_mask is empty; it takes ") + kPaths);
  }
  UserChange change;
  for (const std::string& path : request.update_mask().paths()) {
    CUSP_RETURN_IF_ERROR(SetPath(path, request.user(), change));
  }
  return change;
}

absl::StatusOr<AuditFilter> CheckAuditFilter(const v1::ListAuditEventsRequest& request) {
  AuditFilter filter;
  CUSP_ASSIGN_OR_RETURN(filter.limit, PageSize(request.page_size()));
  if (!request.page_token().empty()) {
    CUSP_ASSIGN_OR_RETURN(filter.before_id,
                          DecodeNumericPageToken(kAuditPage, request.page_token()));
  }
  if (request.actor().size() > kMaxFilterBytes || request.action().size() > kMaxFilterBytes) {
    return absl::InvalidArgumentError("actor and action have at most 128 bytes each");
  }
  filter.actor = request.actor();
  filter.action = request.action();
  if (request.has_since_time()) {
    filter.since_us = FromTimestamp(request.since_time());
  }
  return filter;
}

v1::Token ToProto(const Token& token) {
  v1::Token out;
  out.set_name(TokenName(token.id));
  out.set_user(token.user);
  out.set_role(static_cast<v1::Token::Role>(token.role));
  *out.mutable_create_time() = ToTimestamp(token.create_time_us);
  if (token.expire_time_us.has_value()) {
    *out.mutable_expire_time() = ToTimestamp(*token.expire_time_us);
  }
  if (token.revoke_time_us.has_value()) {
    *out.mutable_revoke_time() = ToTimestamp(*token.revoke_time_us);
  }
  if (token.last_use_time_us.has_value()) {
    *out.mutable_last_use_time() = ToTimestamp(*token.last_use_time_us);
  }
  return out;
}

v1::User ToProto(const User& user) {
  v1::User out;
  out.set_name(user.name);
  *out.mutable_create_time() = ToTimestamp(user.create_time_us);
  out.set_share_weight(user.share_weight);
  out.set_max_queued(user.max_queued);
  out.set_max_running(user.max_running);
  out.set_max_artifact_bytes(user.max_artifact_bytes);
  out.set_artifact_bytes(user.artifact_bytes);
  return out;
}

v1::AuditEvent ToProto(const AuditEvent& event) {
  v1::AuditEvent out;
  out.set_id(event.id);
  *out.mutable_time() = ToTimestamp(event.time_us);
  out.set_actor(event.actor);
  out.set_action(event.action);
  if (!event.job.empty()) {
    out.set_job(JobName(event.job));
  }
  out.set_detail(event.detail);
  return out;
}

}  // namespace cusp::server
