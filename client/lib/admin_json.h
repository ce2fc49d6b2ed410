// Tokens, users and the audit log as the JSON that scripts read.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "cusp/v1/admin.pb.h"

namespace cusp::client {

// "reader", "submitter", "worker", "admin".
std::string ToText(v1::Token::Role role);
// ROLE_UNSPECIFIED for anything else.
v1::Token::Role RoleFromText(const std::string& text);

// "valid", "expired" or "revoked".
std::string TokenState(const v1::Token& token, int64_t now_seconds);

// The number in "tokens/{id}", as a user types it.
std::string TokenId(const std::string& name);

// id, user, role, state and times; never the secret.
nlohmann::ordered_json TokenToJson(const v1::Token& token, int64_t now_seconds);
// name, create_time, share_weight, max_queued and max_running.
nlohmann::ordered_json UserToJson(const v1::User& user);
// id, time, actor, action, job (its id, or null) and detail.
nlohmann::ordered_json AuditEventToJson(const v1::AuditEvent& event);

}  // namespace cusp::client
