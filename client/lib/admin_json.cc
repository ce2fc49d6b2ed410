#include "client/lib/admin_json.h"

#include <string_view>

#include "absl/strings/ascii.h"
#include "client/lib/client.h"
#include "client/lib/job_json.h"

namespace cusp::client {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kRolePrefix = "ROLE_";
constexpr std::string_view kTokenPrefix = "tokens/";

}  // namespace

std::string ToText(v1::Token::Role role) {
  return absl::AsciiStrToLower(v1::Token::Role_Name(role).substr(kRolePrefix.size()));
}

v1::Token::Role RoleFromText(const std::string& text) {
  v1::Token::Role role = v1::Token::ROLE_UNSPECIFIED;
  (void)v1::Token::Role_Parse(std::string(kRolePrefix) + absl::AsciiStrToUpper(text), &role);
  return role;
}

std::string TokenState(const v1::Token& token, int64_t now_seconds) {
  if (token.has_revoke_time()) {
    return "revoked";
  }
  return token.has_expire_time() && token.expire_time().seconds() <= now_seconds ? "expired"
                                                                                 : "valid";
}

std::string TokenId(const std::string& name) {
  return name.rfind(kTokenPrefix, 0) == 0 ? name.substr(kTokenPrefix.size()) : name;
}

Json TokenToJson(const v1::Token& token, int64_t now_seconds) {
  return {{"id", TokenId(token.name())},
          {"user", token.user()},
          {"role", ToText(token.role())},
          {"state", TokenState(token, now_seconds)},
          {"create_time", TimeToJson(token.create_time())},
          {"expire_time", TimeToJson(token.expire_time())},
          {"revoke_time", TimeToJson(token.revoke_time())},
          {"last_use_time", TimeToJson(token.last_use_time())}};
}

Json UserToJson(const v1::User& user) {
  return {{"name", user.name()},
          {"create_time", TimeToJson(user.create_time())},
          {"share_weight", user.share_weight()},
          {"max_queued", user.max_queued()},
          {"max_running", user.max_running()},
          {"max_artifact_bytes", user.max_artifact_bytes()},
          {"artifact_bytes", user.artifact_bytes()}};
}

Json AuditEventToJson(const v1::AuditEvent& event) {
  return {{"id", event.id()},
          {"time", TimeToJson(event.time())},
          {"actor", event.actor()},
          {"action", event.action()},
          {"job", event.job().empty() ? Json(nullptr) : Json(JobId(event.job()))},
          {"detail", event.detail()}};
}

}  // namespace cusp::client
