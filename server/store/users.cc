#include "server/store/users.h"

#include <sstream>

#include "common/status_macros.h"
#include "server/store/requests.h"

namespace cusp::server {
namespace {

constexpr char kSelectUser[] =
    "SELECT name, create_time_us, share_weight, max_queued, max_running, max_artifact_bytes,"
    " (SELECT coalesce(sum(size_bytes), 0) FROM artifacts WHERE owner_id = users.id)"
    " FROM users ";

User ReadUser(const Query& query) {
  return {.name = query.Text(0),
          .create_time_us = query.Int(1),
          .share_weight = query.Real(2),
          .max_queued = query.Int(3),
          .max_running = query.Int(4),
          .max_artifact_bytes = query.Int(5),
          .artifact_bytes = query.Int(6)};
}

absl::StatusOr<User> LoadUser(Database& db, const std::string& name) {
  static const std::string sql = std::string(kSelectUser) + "WHERE name = ?";
  Query query(db, sql, name);
  if (!query.Next()) {
    CUSP_RETURN_IF_ERROR(query.status());
    return absl::NotFoundError("there is no user \"" + name +
                               "\"; the first token or job makes one");
  }
  return ReadUser(query);
}

std::string Described(const User& user) {
  std::ostringstream text;
  text << user.name << ": weight " << user.share_weight << ", max_queued " << user.max_queued
       << ", max_running " << user.max_running << ", max_artifact_bytes "
       << user.max_artifact_bytes;
  return text.str();
}

}  // namespace

absl::StatusOr<User> UpdateUser(Transaction& tx, const std::string& name, const UserChange& change,
                                std::string_view actor) {
  CUSP_ASSIGN_OR_RETURN(User user, LoadUser(tx.db, name));
  user.share_weight = change.share_weight.value_or(user.share_weight);
  user.max_queued = change.max_queued.value_or(user.max_queued);
  user.max_running = change.max_running.value_or(user.max_running);
  user.max_artifact_bytes = change.max_artifact_bytes.value_or(user.max_artifact_bytes);
  CUSP_RETURN_IF_ERROR(Run(tx.db,
                           "UPDATE users SET share_weight = ?, max_queued = ?, max_running = ?,"
                           " max_artifact_bytes = ? WHERE name = ?",
                           user.share_weight, user.max_queued, user.max_running,
                           user.max_artifact_bytes, name));
  CUSP_RETURN_IF_ERROR(Audit(tx, actor, "user_updated", std::nullopt, Described(user)));
  return user;
}

absl::StatusOr<std::vector<User>> ListUsers(Database& db, const std::string& after_name,
                                            int limit) {
  static const std::string sql = std::string(kSelectUser) + "WHERE name > ? ORDER BY name LIMIT ?";
  Query query(db, sql, after_name, limit);
  std::vector<User> users;
  while (query.Next()) {
    users.push_back(ReadUser(query));
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return users;
}

}  // namespace cusp::server
