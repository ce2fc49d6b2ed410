// What a user's SQL may read.
#pragma once

#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"

struct sqlite3;

namespace cusp::server {

// Names of the documented views begin so.
inline constexpr char kSqlViewPrefix[] = "v_";

// Lets the statements of one connection read the documented views, and what these read
// themselves, and do nothing else. Must outlive the connection, and not move once
// installed.
class SqlPolicy {
 public:
  // Learns the views of the database, and judges from then on each statement that is
  // compiled. INTERNAL where a view is broken.
  absl::Status Install(sqlite3* connection);

  // Before each statement is compiled.
  void BeginStatement() { seen_.clear(); }

  const std::set<std::string>& views() const { return views_; }

 private:
  // As SQLite's authorizer is called; 0 (SQLITE_OK) or SQLITE_DENY.
  static int Authorize(void* self, int action, const char* first, const char* second,
                       const char* database, const char* inside);
  int Judge(int action, const std::string& first, const std::string& second,
            const std::string& inside);
  int JudgeCount(const std::string& table) const;

  // All names in lower case.
  std::set<std::string> views_;
  // (table, column) that views read.
  std::set<std::pair<std::string, std::string>> inside_;
  // Of tables and of the modules that stand for some.
  std::set<std::string> tables_;
  // Tables that views in the statement read so far. Whoever reads a view may count them.
  std::set<std::string> seen_;
  bool is_learning_ = false;
};

}  // namespace cusp::server
