#include "server/store/sql_policy.h"

#include <sqlite3.h>

#include <memory>

namespace cusp::server {
namespace {

struct Close {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

Statement Compile(sqlite3* connection, const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  sqlite3_prepare_v2(connection, sql.c_str(), -1, &raw, nullptr);
  return Statement(raw);
}

// SQL's names do not tell cases apart, and SQLite gives some as the user wrote them.
std::string Lower(const char* name) {
  std::string lower = name == nullptr ? "" : name;
  for (char& c : lower) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return lower;
}

void Collect(sqlite3* connection, const std::string& sql, std::set<std::string>& names) {
  const Statement statement = Compile(connection, sql);
  while (statement != nullptr && sqlite3_step(statement.get()) == SQLITE_ROW) {
    names.insert(Lower(reinterpret_cast<const char*>(sqlite3_column_text(statement.get(), 0))));
  }
}

bool IsHarmless(const std::string& function) {
  return function != "load_extension" && function != "fts3_tokenizer";
}

}  // namespace

absl::Status SqlPolicy::Install(sqlite3* connection) {
  Collect(connection,
          "SELECT name FROM sqlite_schema WHERE type = 'view' AND substr(name, 1, 2) = '" +
              std::string(kSqlViewPrefix) + "'",
          views_);
  Collect(connection, "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')", tables_);
  Collect(connection, "SELECT name FROM pragma_module_list", tables_);
  sqlite3_set_authorizer(connection, &Authorize, this);
  // A view's own reads are learned by compiling it, so that no list of tables has to
  // follow the migrations.
  is_learning_ = true;
  for (const std::string& view : views_) {
    if (Compile(connection, "SELECT * FROM " + view) == nullptr) {
      return absl::InternalError(view + ": " + sqlite3_errmsg(connection));
    }
  }
  is_learning_ = false;
  return absl::OkStatus();
}

int SqlPolicy::Authorize(void* self, int action, const char* first, const char* second,
                         const char* /*database*/, const char* inside) {
  return static_cast<SqlPolicy*>(self)->Judge(action, Lower(first), Lower(second), Lower(inside));
}

int SqlPolicy::Judge(int action, const std::string& first, const std::string& second,
                     const std::string& inside) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_FUNCTION:
      return IsHarmless(second) ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_READ:
      break;
    default:
      return SQLITE_DENY;
  }
  if (is_learning_) {
    inside_.emplace(first, second);
    return SQLITE_OK;
  }
  if (views_.contains(first)) {
    return SQLITE_OK;
  }
  if (second.empty()) {
    return JudgeCount(first);
  }
  // The name of a view alone would be no pass: SQLite tells that of a WITH clause in the
  // same place, and anybody can call their clause v_jobs. With the pairs such a clause
  // gets at what the views show, and no further.
  if (!views_.contains(inside) || !inside_.contains({first, second})) {
    return SQLITE_DENY;
  }
  seen_.insert(first);
  return SQLITE_OK;
}

// Of a table no column is left to read, as where a view or a WITH clause is counted.
// SQLite does not say then what it is inside of; of a view it has said so before, of the
// view's columns. A name that is no table's is that of a clause.
int SqlPolicy::JudgeCount(const std::string& table) const {
  if (seen_.contains(table)) {
    return SQLITE_OK;
  }
  const bool is_clause =
      !tables_.contains(table) && !table.starts_with("sqlite_") && !table.starts_with("pragma_");
  return is_clause ? SQLITE_OK : SQLITE_DENY;
}

}  // namespace cusp::server
