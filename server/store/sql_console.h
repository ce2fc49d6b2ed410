// One read-only statement of a user's, on a connection of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "server/store/sqlite.h"

namespace cusp::server {

// Of a value, and of a row that is sorted or grouped: no view has larger ones.
inline constexpr int kMaxSqlValueBytes = 64 << 10;

struct SqlBytes {
  std::string bytes;
  bool operator==(const SqlBytes&) const = default;
};

// NULL, INTEGER, REAL, TEXT, BLOB. TEXT that is no UTF-8 comes as SqlBytes.
using SqlValue = std::variant<std::monostate, int64_t, double, std::string, SqlBytes>;

struct SqlLimits {
  Clock::Duration time = std::chrono::seconds(10);  // to the last row's Row()
  int64_t rows = 10'000;
  int64_t temp_bytes = int64_t{512} << 20U;  // in the files of sorting and grouping
};

// Takes what a statement gives, on the caller's thread.
class SqlSink {
 public:
  virtual ~SqlSink() = default;
  // Once, before the rows. An error ends the statement.
  virtual absl::Status Columns(std::vector<std::string> names) = 0;
  virtual absl::Status Row(std::vector<SqlValue> values) = 0;
  // Asked every few microseconds, also while no row is found.
  virtual bool IsCancelled() = 0;
};

// A view that users may read, and its columns in order.
struct SqlView {
  std::string name;
  std::vector<std::string> columns;
};

// The documented views, by name.
absl::StatusOr<std::vector<SqlView>> ListSqlViews(Database& db);

// Runs `sql`, one SELECT (or WITH … SELECT, VALUES, EXPLAIN) on the views, against the
// database file. Answers whether there were more rows than the limit. What else than
// reading views is refused when the statement is compiled, before it runs: other
// tables, also under a name that a WITH gives them, ATTACH, PRAGMA, transactions,
// writes, load_extension. sql_functions.h has the functions that are limited. Sorting and
// grouping use files beyond some MiB. The time limit holds from the compiling on, and is
// overstepped by some 0.1 s at most. INVALID_ARGUMENT with line and column where SQLite
// tells them; RESOURCE_EXHAUSTED (time, memory, temporary files, a value's size); CANCELLED;
// UNAVAILABLE.
absl::StatusOr<bool> RunSql(const std::string& path, std::string_view sql, const SqlLimits& limits,
                            const Clock& clock, SqlSink& sink);

}  // namespace cusp::server
