#include "server/store/tokens.h"

#include "common/status_macros.h"
#include "server/store/requests.h"

namespace cusp::server {
namespace {

constexpr char kSelectToken[] =
    "SELECT t.id, u.name, t.role, t.create_time_us, t.expire_time_us, t.revoke_time_us,"
    " t.last_use_time_us FROM tokens t JOIN users u ON u.id = t.user_id ";

Token ReadToken(const Query& query) {
  return {.id = query.Int(0),
          .user = query.Text(1),
          .role = query.AsInt(2),
          .create_time_us = query.Int(3),
          .expire_time_us = query.OptionalInt(4),
          .revoke_time_us = query.OptionalInt(5),
          .last_use_time_us = query.OptionalInt(6)};
}

absl::StatusOr<Token> LoadToken(Database& db, int64_t id) {
  static const std::string sql = std::string(kSelectToken) + "WHERE t.id = ?";
  Query query(db, sql, id);
  if (!query.Next()) {
    CUSP_RETURN_IF_ERROR(query.status());
    return absl::NotFoundError("there is no token " + std::to_string(id) +
                               "; `cusp admin token list` shows them");
  }
  return ReadToken(query);
}

}  // namespace

absl::StatusOr<Token> InsertToken(Transaction& tx, const NewTokenRow& token,
                                  std::string_view actor) {
  CUSP_ASSIGN_OR_RETURN(const int64_t user_id, EnsureUser(tx, token.user));
  const std::string hash = BytesOfHex(token.sha256_hex);
  CUSP_RETURN_IF_ERROR(Run(tx.db,
                           "INSERT INTO tokens (sha256, user_id, role, create_time_us,"
                           " expire_time_us) VALUES (?, ?, ?, ?, ?)",
                           Blob{hash}, user_id, token.role, tx.now_us, token.expire_time_us));
  const int64_t id = tx.db.LastInsertId();
  CUSP_RETURN_IF_ERROR(
      Audit(tx, actor, "token_created", std::nullopt,
            "token " + std::to_string(id) + " of " + token.user + ", role " + token.role_text));
  return LoadToken(tx.db, id);
}

absl::StatusOr<bool> HasTokenOf(Database& db, int role) {
  Query query(db, "SELECT 1 FROM tokens WHERE role = ? LIMIT 1", role);
  const bool found = query.Next();
  CUSP_RETURN_IF_ERROR(query.status());
  return found;
}

absl::StatusOr<std::optional<Token>> FindToken(Database& db, const std::string& sha256_hex) {
  static const std::string sql = std::string(kSelectToken) + "WHERE t.sha256 = ?";
  const std::string hash = BytesOfHex(sha256_hex);
  Query query(db, sql, Blob{hash});
  std::optional<Token> token;
  if (query.Next()) {
    token = ReadToken(query);
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return token;
}

absl::Status TouchToken(Transaction& tx, int64_t id) {
  return Run(tx.db, "UPDATE tokens SET last_use_time_us = ? WHERE id = ?", tx.now_us, id);
}

absl::StatusOr<Token> RevokeToken(Transaction& tx, int64_t id, std::string_view actor) {
  CUSP_ASSIGN_OR_RETURN(Token token, LoadToken(tx.db, id));
  if (token.revoke_time_us.has_value()) {
    return token;
  }
  token.revoke_time_us = tx.now_us;
  CUSP_RETURN_IF_ERROR(
      Run(tx.db, "UPDATE tokens SET revoke_time_us = ? WHERE id = ?", tx.now_us, id));
  CUSP_RETURN_IF_ERROR(Audit(tx, actor, "token_revoked", std::nullopt,
                             "token " + std::to_string(id) + " of " + token.user));
  return token;
}

absl::StatusOr<std::vector<Token>> ListTokens(Database& db, int64_t after_id, int limit) {
  static const std::string sql = std::string(kSelectToken) + "WHERE t.id > ? ORDER BY t.id LIMIT ?";
  Query query(db, sql, after_id, limit);
  std::vector<Token> tokens;
  while (query.Next()) {
    tokens.push_back(ReadToken(query));
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return tokens;
}

}  // namespace cusp::server
