// Users in the database: what an administrator sets of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/store/sqlite.h"
#include "server/store/writer.h"

namespace cusp::server {

struct User {
  std::string name;
  int64_t create_time_us = 0;  // since 1970 UTC
  double share_weight = 1;
  int64_t max_queued = 0;          // 0: no cap
  int64_t max_running = 0;         // likewise
  int64_t max_artifact_bytes = 0;  // likewise
  int64_t artifact_bytes = 0;      // of those that the user sent, now
};

// What is to be changed; the rest stays.
struct UserChange {
  std::optional<double> share_weight;
  std::optional<int64_t> max_queued;
  std::optional<int64_t> max_running;
  std::optional<int64_t> max_artifact_bytes;
};

// NOT_FOUND. `actor` is who asked for it.
absl::StatusOr<User> UpdateUser(Transaction& tx, const std::string& name, const UserChange& change,
                                std::string_view actor);

// Users by name, after `after_name`.
absl::StatusOr<std::vector<User>> ListUsers(Database& db, const std::string& after_name, int limit);

}  // namespace cusp::server
