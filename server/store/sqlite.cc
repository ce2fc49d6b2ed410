#include "server/store/sqlite.h"

#include <sqlite3.h>

#include <cerrno>
#include <utility>

#include "common/status_macros.h"

namespace cusp::server {
namespace {

constexpr int kBusyTimeoutMs = 5000;
// Small commits write the same few pages over and over: the longer the log grows
// before it is folded into the database (16 MiB here), the fewer of them are
// written twice and the fewer commits wait for that.
constexpr int kCheckpointPages = 4096;

absl::StatusCode CodeOf(sqlite3* handle, int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_IOERR: {
      const int cause = sqlite3_system_errno(handle);
      return cause == ENOSPC || cause == EDQUOT ? absl::StatusCode::kResourceExhausted
                                                : absl::StatusCode::kInternal;
    }
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CANTOPEN:
      return absl::StatusCode::kUnavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::StatusCode::kDataLoss;
    default:
      return absl::StatusCode::kInternal;
  }
}

absl::Status ErrorOf(sqlite3* handle, std::string_view doing) {
  const int code = sqlite3_extended_errcode(handle);
  const int kind = code & 0xff;
  const absl::StatusCode status = CodeOf(handle, code);
  std::string message = "database: ";
  message.append(doing).append(": ").append(sqlite3_errmsg(handle));
  // Of the log, a full disk is an I/O error.
  if (kind == SQLITE_FULL ||
      (kind == SQLITE_IOERR && status == absl::StatusCode::kResourceExhausted)) {
    message.append("; make room on the disk of the data folder and try again");
  }
  return absl::Status(status, message);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path, Mode mode) {
  const int flags = (mode == Mode::kReadWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                              : SQLITE_OPEN_READONLY) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  // Owned at once: a failed open leaves a handle to close too.
  std::unique_ptr<Database> db(new Database(handle));
  if (code != SQLITE_OK) {
    return absl::UnavailableError("cannot open " + path + ": " + sqlite3_errstr(code));
  }
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  CUSP_RETURN_IF_ERROR(
      Annotate(db->Execute(mode == Mode::kReadWrite
                               ? "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                 "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
                               : "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;"),
               path));
  sqlite3_wal_autocheckpoint(handle, kCheckpointPages);
  return db;
}

Database::~Database() {
  for (const auto& [sql, cached] : cache_) {
    sqlite3_finalize(cached.statement);
  }
  sqlite3_close_v2(handle_);
}

absl::Status Database::Execute(const std::string& script) {
  if (sqlite3_exec(handle_, script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return LastError("script");
  }
  return absl::OkStatus();
}

bool Database::InTransaction() const { return sqlite3_get_autocommit(handle_) == 0; }
int64_t Database::LastInsertId() const { return sqlite3_last_insert_rowid(handle_); }
int64_t Database::Changes() const { return sqlite3_changes64(handle_); }

sqlite3_stmt* Database::Take(std::string_view sql) {
  const auto it = cache_.find(sql);
  if (it != cache_.end() && !it->second.is_taken) {
    it->second.is_taken = true;
    return it->second.statement;
  }
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                     &statement, nullptr);
  if (statement != nullptr && it == cache_.end()) {
    cache_.emplace(sqlite3_sql(statement), Cached{statement, true});
  }
  return statement;
}

void Database::GiveBack(sqlite3_stmt* statement) {
  const auto it = cache_.find(sqlite3_sql(statement));
  if (it == cache_.end() || it->second.statement != statement) {
    sqlite3_finalize(statement);  // a second one, taken while the first was in use
    return;
  }
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  it->second.is_taken = false;
}

absl::Status Database::LastError(std::string_view doing) const { return ErrorOf(handle_, doing); }

Query::Query(Database& db, std::string_view sql, std::nullptr_t)
    : db_(db), statement_(db.Take(sql)) {
  if (statement_ == nullptr) {
    status_ = db_.LastError(sql);
  }
}

Query::~Query() {
  if (statement_ != nullptr) {
    db_.GiveBack(statement_);
  }
}

bool Query::Next() {
  if (!status_.ok()) {
    return false;
  }
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) {
    return true;
  }
  if (code != SQLITE_DONE) {
    status_ = db_.LastError(sqlite3_sql(statement_));
  }
  return false;
}

absl::Status Query::Run() {
  while (Next()) {
  }
  return status_;
}

int64_t Query::Int(int column) const { return sqlite3_column_int64(statement_, column); }
double Query::Real(int column) const { return sqlite3_column_double(statement_, column); }
std::string Query::Text(int column) const { return std::string(Bytes(column)); }

std::string_view Query::Bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return data == nullptr
             ? std::string_view()
             : std::string_view(static_cast<const char*>(data), static_cast<size_t>(size));
}

bool Query::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::optional<int64_t> Query::OptionalInt(int column) const {
  return IsNull(column) ? std::nullopt : std::optional<int64_t>(Int(column));
}

void Query::BindOne(int index, int64_t value) {
  Check(sqlite3_bind_int64(statement_, index, value));
}

void Query::BindOne(int index, double value) {
  Check(sqlite3_bind_double(statement_, index, value));
}

void Query::BindOne(int index, std::string_view text) {
  // An empty view may have no address, which SQLite would take for NULL.
  Check(sqlite3_bind_text64(statement_, index, text.empty() ? "" : text.data(), text.size(),
                            SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Query::BindOne(int index, Blob blob) {
  Check(sqlite3_bind_blob64(statement_, index, blob.bytes.empty() ? "" : blob.bytes.data(),
                            blob.bytes.size(), SQLITE_TRANSIENT));
}

void Query::BindOne(int index, std::nullopt_t) { Check(sqlite3_bind_null(statement_, index)); }

void Query::Check(int code) {
  if (code != SQLITE_OK && status_.ok()) {
    status_ = db_.LastError(statement_ == nullptr ? "bind" : sqlite3_sql(statement_));
  }
}

void Query::Reset() {
  if (statement_ != nullptr) {
    sqlite3_reset(statement_);
  }
}

}  // namespace cusp::server
