// SQLite with owners: connections, cached statements, bound parameters only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct sqlite3;
struct sqlite3_stmt;

namespace cusp::server {

// Marks bytes to be bound as a BLOB rather than as text.
struct Blob {
  std::string_view bytes;
};

// One connection with its prepared statements. Used by one thread at a time.
class Database {
 public:
  enum class Mode { kReadWrite, kReadOnly };

  // Opens (and makes, with kReadWrite) the file with the settings that all
  // connections share: WAL, synchronous=FULL, foreign keys, busy timeout.
  // UNAVAILABLE with the path where it can't; DATA_LOSS where it is no database.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path, Mode mode);

  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // Runs a script without parameters.
  absl::Status Execute(const std::string& script);

  // False inside a transaction. Some errors (disk full) end one by themselves.
  bool InTransaction() const;

  // Row id of the newest INSERT.
  int64_t LastInsertId() const;

  // Rows changed by the newest statement.
  int64_t Changes() const;

 private:
  friend class Query;
  explicit Database(sqlite3* handle) : handle_(handle) {}

  // A statement out of the cache or a new one; nullptr on errors.
  sqlite3_stmt* Take(std::string_view sql);
  void GiveBack(sqlite3_stmt* statement);
  absl::Status LastError(std::string_view doing) const;

  struct Cached {
    sqlite3_stmt* statement;
    bool is_taken;
  };

  sqlite3* handle_;
  std::unordered_map<std::string_view, Cached> cache_;  // keys point into the statements
};

// One run of a prepared statement. The first error sticks: bind and step freely
// and look at status() at the end. Values of columns are valid until the next
// Next(). Must not outlive its Database.
class Query {
 public:
  template <typename... Args>
  Query(Database& db, std::string_view sql, const Args&... args) : Query(db, sql, nullptr) {
    int index = 0;
    (BindOne(++index, args), ...);
  }

  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query();

  // Goes to the next row; false at the end or after an error.
  bool Next();

  // Runs to the end, for statements without rows.
  absl::Status Run();

  const absl::Status& status() const { return status_; }

  int64_t Int(int column) const;
  int AsInt(int column) const { return static_cast<int>(Int(column)); }
  double Real(int column) const;
  std::string Text(int column) const;
  std::string_view Bytes(int column) const;
  bool IsNull(int column) const;
  std::optional<int64_t> OptionalInt(int column) const;

  // Binds again and runs again, for many rows with one statement.
  template <typename... Args>
  absl::Status RunWith(const Args&... args) {
    Reset();
    int index = 0;
    (BindOne(++index, args), ...);
    return Run();
  }

 private:
  Query(Database& db, std::string_view sql, std::nullptr_t);

  void BindOne(int index, int64_t value);
  void BindOne(int index, int value) { BindOne(index, static_cast<int64_t>(value)); }
  void BindOne(int index, double value);
  void BindOne(int index, std::string_view text);
  void BindOne(int index, const std::string& text) { BindOne(index, std::string_view(text)); }
  void BindOne(int index, const char* text) { BindOne(index, std::string_view(text)); }
  void BindOne(int index, Blob blob);
  void BindOne(int index, std::nullopt_t);
  template <typename T>
  void BindOne(int index, const std::optional<T>& value) {
    if (value.has_value()) {
      BindOne(index, *value);
    } else {
      BindOne(index, std::nullopt);
    }
  }
  void Check(int code);
  void Reset();

  Database& db_;
  sqlite3_stmt* statement_;
  absl::Status status_;
};

// One statement without rows.
template <typename... Args>
absl::Status Run(Database& db, std::string_view sql, const Args&... args) {
  return Query(db, sql, args...).Run();
}

}  // namespace cusp::server
