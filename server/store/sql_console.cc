#include "server/store/sql_console.h"

#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "common/status_macros.h"
#include "common/utf8.h"
#include "server/store/sql_functions.h"
#include "server/store/sql_memory.h"
#include "server/store/sql_policy.h"
#include "server/store/sql_watch.h"
#include "server/store/temp_budget_vfs.h"

namespace cusp::server {
namespace {

constexpr size_t kMaxSqlBytes = size_t{64} << 10U;
constexpr int kMaxDepth = 100;  // of expressions and of compound SELECTs
constexpr int kMaxColumns = 100;
// SQLite's virtual machine asks for the time at the end of a loop's turn only, and one
// operation may take 0.1 ms with the largest values.
constexpr int kOpsBetweenChecks = 100;
// All views joined have some 570. SQLite doubles its room for them, so 5,376 are the most.
constexpr int kMaxOps = 6'000;
constexpr int64_t kMaxMemoryBytes = int64_t{128} << 20U;

struct Close {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Handle = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

std::string NamesOf(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

// "line 2, column 7: " of a byte in the text.
std::string PlaceOf(std::string_view sql, int offset) {
  if (offset < 0 || static_cast<size_t>(offset) > sql.size()) {
    return "";
  }
  const std::string_view before = sql.substr(0, static_cast<size_t>(offset));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const size_t start = before.rfind('\n');
  const size_t column = start == std::string_view::npos ? before.size() : before.size() - start - 1;
  return "line " + std::to_string(line) + ", column " + std::to_string(column + 1) + ": ";
}

int Check(void* data) { return static_cast<const SqlWatch*>(data)->IsOver() ? 1 : 0; }

class Console {
 public:
  // `watch` must outlive it.
  static absl::StatusOr<std::unique_ptr<Console>> Open(const std::string& path,
                                                       const SqlLimits& limits,
                                                       const SqlWatch& watch) {
    std::unique_ptr<Console> console(new Console(limits, watch));
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(
        path.c_str(), &raw, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
        console->temp_.name());
    console->handle_.reset(raw);
    if (code != SQLITE_OK) {
      return absl::UnavailableError("cannot open " + path + ": " + sqlite3_errstr(code));
    }
    CUSP_RETURN_IF_ERROR(console->Restrict());
    return console;
  }

  // Whether there were more rows than the limit.
  absl::StatusOr<bool> Run(std::string_view sql);

 private:
  Console(const SqlLimits& limits, const SqlWatch& watch)
      : limits_(limits), watch_(watch), temp_(limits.temp_bytes) {}

  absl::Status Restrict();
  absl::StatusOr<Statement> Compile(std::string_view sql);
  absl::StatusOr<bool> Step(sqlite3_stmt* statement, std::string_view sql);
  absl::Status WhyOver() const;
  absl::Status Explain(std::string_view sql) const;

  const SqlLimits& limits_;
  const SqlWatch& watch_;
  // Before the handle, which asks them until it is closed.
  TempBudgetVfs temp_;
  SqlPolicy policy_;
  Handle handle_;
};

absl::Status Console::Restrict() {
  sqlite3* const db = handle_.get();
  sqlite3_busy_timeout(db, 5000);
  if (sqlite3_exec(
          db,
          "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;"
          "PRAGMA temp_store = FILE; PRAGMA cache_size = -4096; PRAGMA cell_size_check = ON",
          nullptr, nullptr, nullptr) != SQLITE_OK) {
    return absl::UnavailableError(std::string("database: ") + sqlite3_errmsg(db));
  }
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, kMaxSqlValueBytes);
  sqlite3_limit(db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, kMaxSqlPatternBytes);
  sqlite3_limit(db, SQLITE_LIMIT_VDBE_OP, kMaxOps);
  sqlite3_limit(db, SQLITE_LIMIT_EXPR_DEPTH, kMaxDepth);
  sqlite3_limit(db, SQLITE_LIMIT_COMPOUND_SELECT, kMaxDepth);
  sqlite3_limit(db, SQLITE_LIMIT_COLUMN, kMaxColumns);
  sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(db, SQLITE_LIMIT_WORKER_THREADS, 0);
  CUSP_RETURN_IF_ERROR(policy_.Install(db));
  return InstallSqlFunctions(db, watch_);
}

absl::Status Console::WhyOver() const {
  if (watch_.sink.IsCancelled()) {
    return absl::CancelledError("the caller has hung up");
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limits_.time).count();
  return absl::ResourceExhaustedError("the query and the reading of its rows took longer than " +
                                      std::to_string(seconds) +
                                      " s; narrow it with WHERE or LIMIT, or give it more time");
}

absl::Status Console::Explain(std::string_view sql) const {
  sqlite3* const db = handle_.get();
  if (watch_.IsOver()) {  // then an allocation may have been refused for it
    return WhyOver();
  }
  const int code = sqlite3_extended_errcode(db) & 0xff;
  std::string message = PlaceOf(sql, sqlite3_error_offset(db)) + sqlite3_errmsg(db);
  switch (code) {
    case SQLITE_AUTH:
      return absl::InvalidArgumentError(
          message + "; only SELECT on these views is allowed: " + NamesOf(policy_.views()));
    case SQLITE_INTERRUPT:
      return WhyOver();
    case SQLITE_TOOBIG:
      return absl::ResourceExhaustedError(
          message + "; a value, and a row that is sorted, may have " +
          std::to_string(kMaxSqlValueBytes >> 10) + " KiB: select less");
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(
          temp_.is_spent()
              ? "sorting or grouping needs more than " + std::to_string(limits_.temp_bytes >> 20) +
                    " MiB of temporary space; select fewer rows with WHERE, or fewer "
                    "columns"
              : message + "; make room where temporary files are kept");
    case SQLITE_NOMEM:
      return absl::ResourceExhaustedError(
          "the statement needs more than the " + std::to_string(kMaxMemoryBytes >> 20) +
          " MiB of memory that one may have; use fewer columns and SELECTs inside one another, or "
          "select fewer rows");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(message);
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::InternalError(message);
    default:
      break;
  }
  if (message.find("no such table") != std::string::npos) {
    message += "; there are the views " + NamesOf(policy_.views());
  } else if (message.find("no such column") != std::string::npos) {
    message += "; `cusp sql --views` lists the columns of each view";
  }
  return absl::InvalidArgumentError(message);
}

absl::StatusOr<Statement> Console::Compile(std::string_view sql) {
  if (sql.size() > kMaxSqlBytes) {
    return absl::InvalidArgumentError("the statement is longer than 64 KiB");
  }
  if (sql.find('\0') != std::string_view::npos) {
    return absl::InvalidArgumentError("the statement has a zero byte in it");
  }
  policy_.BeginStatement();
  sqlite3_stmt* raw = nullptr;
  const char* rest = nullptr;
  const char* const end = sql.data() + sql.size();
  if (sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &raw, &rest) !=
      SQLITE_OK) {
    return Explain(sql);
  }
  Statement statement(raw);
  if (statement == nullptr) {
    return absl::InvalidArgumentError(
        "there is no statement; write, for example: SELECT * FROM v_tipping_points");
  }
  // What follows may be a comment, and nothing else.
  sqlite3_stmt* second = nullptr;
  const int code =
      sqlite3_prepare_v2(handle_.get(), rest, static_cast<int>(end - rest), &second, nullptr);
  const Statement owned(second);
  if (watch_.IsOver()) {
    return WhyOver();
  }
  if (code != SQLITE_OK || second != nullptr) {
    return absl::InvalidArgumentError(PlaceOf(sql, static_cast<int>(rest - sql.data())) +
                                      "a second statement begins here; send one at a time");
  }
  if (sqlite3_stmt_readonly(raw) == 0) {
    return absl::InvalidArgumentError("the statement would change the database; only SELECT runs");
  }
  if (sqlite3_bind_parameter_count(raw) > 0) {
    return absl::InvalidArgumentError(
        "the statement has parameters (? or :name), and nothing gives them values; write the "
        "values themselves");
  }
  return statement;
}

SqlValue ValueOf(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT:
    case SQLITE_BLOB: {
      const bool is_text = sqlite3_column_type(statement, column) == SQLITE_TEXT;
      const void* data = sqlite3_column_blob(statement, column);
      const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, column));
      std::string bytes =
          data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
      if (is_text && IsUtf8(bytes)) {
        return bytes;
      }
      return SqlBytes{std::move(bytes)};
    }
    default:
      return std::monostate();
  }
}

absl::StatusOr<bool> Console::Step(sqlite3_stmt* statement, std::string_view sql) {
  const int columns = sqlite3_column_count(statement);
  std::vector<std::string> names;
  for (int i = 0; i < columns; ++i) {
    const char* const name = sqlite3_column_name(statement, i);
    names.emplace_back(name == nullptr ? "" : name);
  }
  CUSP_RETURN_IF_ERROR(watch_.sink.Columns(std::move(names)));
  for (int64_t row = 0;; ++row) {
    if (watch_.IsOver()) {
      return WhyOver();
    }
    const int code = sqlite3_step(statement);
    if (code == SQLITE_DONE) {
      return false;
    }
    if (code != SQLITE_ROW) {
      return Explain(sql);
    }
    if (row == limits_.rows) {
      return true;
    }
    std::vector<SqlValue> values;
    values.reserve(static_cast<size_t>(columns));
    for (int i = 0; i < columns; ++i) {
      values.push_back(ValueOf(statement, i));
    }
    CUSP_RETURN_IF_ERROR(watch_.sink.Row(std::move(values)));
  }
}

absl::StatusOr<bool> Console::Run(std::string_view sql) {
  sqlite3_progress_handler(handle_.get(), kOpsBetweenChecks, &Check,
                           const_cast<SqlWatch*>(&watch_));
  const SqlMemoryBudget memory(kMaxMemoryBytes, watch_);
  CUSP_ASSIGN_OR_RETURN(const Statement statement, Compile(sql));
  return Step(statement.get(), sql);
}

}  // namespace

bool SqlWatch::IsOver() const { return clock.Now() >= deadline || sink.IsCancelled(); }

absl::StatusOr<std::vector<SqlView>> ListSqlViews(Database& db) {
  std::vector<SqlView> views;
  Query query(db,
              "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c"
              " WHERE m.type = 'view' AND substr(m.name, 1, 2) = ? ORDER BY m.name, c.cid",
              kSqlViewPrefix);
  while (query.Next()) {
    if (views.empty() || views.back().name != query.Text(0)) {
      views.push_back({query.Text(0), {}});
    }
    views.back().columns.push_back(query.Text(1));
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return views;
}

absl::StatusOr<bool> RunSql(const std::string& path, std::string_view sql, const SqlLimits& limits,
                            const Clock& clock, SqlSink& sink) {
  const SqlWatch watch{clock, clock.Now() + limits.time, sink};
  CUSP_ASSIGN_OR_RETURN(const std::unique_ptr<Console> console, Console::Open(path, limits, watch));
  return console->Run(sql);
}

}  // namespace cusp::server
