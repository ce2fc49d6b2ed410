// Tokens in the database, by their hash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/store/sqlite.h"
#include "server/store/writer.h"

namespace cusp::server {

// Times are microseconds since 1970 UTC.
struct Token {
  int64_t id = 0;
  std::string user;
  int role = 0;  // the protocol's number
  int64_t create_time_us = 0;
  std::optional<int64_t> expire_time_us = std::nullopt;
  std::optional<int64_t> revoke_time_us = std::nullopt;
  std::optional<int64_t> last_use_time_us = std::nullopt;
};

// What a new one starts with.
struct NewTokenRow {
  std::string user;
  int role = 0;
  std::string role_text = {};  // as the audit log shall have it
  std::string sha256_hex = {};
  std::optional<int64_t> expire_time_us = std::nullopt;
};

// Makes the user on first use. `actor` is who asked for it.
absl::StatusOr<Token> InsertToken(Transaction& tx, const NewTokenRow& token,
                                  std::string_view actor);

// Whether there ever was a token of this role.
absl::StatusOr<bool> HasTokenOf(Database& db, int role);

// The token of that hash, revoked or not, or nothing.
absl::StatusOr<std::optional<Token>> FindToken(Database& db, const std::string& sha256_hex);

// Notes that it was used now.
absl::Status TouchToken(Transaction& tx, int64_t id);

// NOT_FOUND. A no-op on a revoked one.
absl::StatusOr<Token> RevokeToken(Transaction& tx, int64_t id, std::string_view actor);

// Tokens by id, after `after_id`.
absl::StatusOr<std::vector<Token>> ListTokens(Database& db, int64_t after_id, int limit);

}  // namespace cusp::server
