// Brings a database to this program's schema.
#pragma once

#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "server/store/sqlite.h"

namespace cusp::server {

// One numbered file of migrations/, embedded at build time.
struct Migration {
  int version = 0;  // 1, 2, … without gaps
  std::string_view name;
  std::string_view sql;
};

// Ascending. The last one's version is the schema of this program.
std::span<const Migration> Migrations();

// Applies what is missing, each in a transaction of its own, forward only.
// FAILED_PRECONDITION naming both versions where the database is newer than
// `migrations`.
absl::Status Migrate(Database& db, std::span<const Migration> migrations);

}  // namespace cusp::server
