#include "server/store/backup.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "common/ids.h"
#include "common/status_macros.h"

namespace cusp::server {
namespace {

constexpr int kPagesPerStep = 256;  // 1 MiB
constexpr char kPrefix[] = "backup-";
constexpr char kSuffix[] = ".tmp";

struct Close {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
};
using Handle = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

absl::Status ErrorOf(sqlite3* handle, int code, const std::string& path) {
  const std::string message = "backup: " + path + ": " + sqlite3_errmsg(handle);
  switch (code & 0xff) {
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(message + "; make room on the disk of the data folder");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(message);
    default:
      return absl::UnavailableError(message);
  }
}

absl::StatusOr<Handle> Open(const std::string& path, int flags) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw,
                                   flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Handle handle(raw);
  if (code != SQLITE_OK) {
    return ErrorOf(raw, code, path);
  }
  sqlite3_busy_timeout(raw, 5000);
  return handle;
}

absl::Status Execute(sqlite3* handle, const char* sql, const std::string& path) {
  const int code = sqlite3_exec(handle, sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : ErrorOf(handle, code, path);
}

absl::Status CheckCopy(sqlite3* handle, const std::string& from) {
  sqlite3_stmt* raw = nullptr;
  sqlite3_prepare_v2(handle, "PRAGMA integrity_check(1)", -1, &raw, nullptr);
  const Statement statement(raw);
  if (raw == nullptr || sqlite3_step(raw) != SQLITE_ROW) {
    return ErrorOf(handle, sqlite3_extended_errcode(handle), from);
  }
  const std::string answer = reinterpret_cast<const char*>(sqlite3_column_text(raw, 0));
  return answer == "ok" ? absl::OkStatus()
                        : absl::DataLossError("backup: the copy of " + from +
                                              " is damaged, so the database is: " + answer +
                                              "; stop cuspd and restore an older backup");
}

absl::Status Copy(const std::string& from, const std::string& to,
                  const std::function<bool()>& goes_on) {
  CUSP_ASSIGN_OR_RETURN(const Handle source, Open(from, SQLITE_OPEN_READONLY));
  CUSP_ASSIGN_OR_RETURN(const Handle target, Open(to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  // One snapshot for all steps: without it each commit between two of them would make
  // the copying begin again, and under load it would never end.
  CUSP_RETURN_IF_ERROR(Execute(source.get(), "BEGIN; SELECT count(*) FROM sqlite_schema", from));
  {
    const std::unique_ptr<sqlite3_backup, Close> backup(
        sqlite3_backup_init(target.get(), "main", source.get(), "main"));
    if (backup == nullptr) {
      return ErrorOf(target.get(), sqlite3_extended_errcode(target.get()), to);
    }
    int code = SQLITE_OK;
    while (code == SQLITE_OK) {
      if (!goes_on()) {
        return absl::CancelledError("the caller has hung up");
      }
      code = sqlite3_backup_step(backup.get(), kPagesPerStep);
    }
    if (code != SQLITE_DONE) {
      return absl::Status(ErrorOf(target.get(), code, to).code(),
                          std::string("backup: ") + sqlite3_errstr(code) + " (" + to + ")");
    }
  }
  // As one file: a log beside it would be lost on the way.
  CUSP_RETURN_IF_ERROR(Execute(target.get(), "PRAGMA journal_mode = DELETE", to));
  return CheckCopy(target.get(), from);
}

}  // namespace

absl::Status BackUp(const std::string& from, const std::string& to,
                    const std::function<bool()>& goes_on) {
  const int fd = open(to.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) {
    return absl::UnavailableError("cannot make " + to + ": " + std::strerror(errno));
  }
  close(fd);
  absl::Status status = Copy(from, to, goes_on);
  if (!status.ok()) {
    for (const char* suffix : {"", "-journal", "-wal", "-shm"}) {
      unlink((to + suffix).c_str());
    }
  }
  return status;
}

std::string BackupPath(const std::string& folder) {
  return folder + "/" + kPrefix + NewShortId() + kSuffix;
}

void RemoveStaleBackups(const std::string& folder) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(kPrefix) && name.find(kSuffix) != std::string::npos) {
      std::filesystem::remove(entry.path(), error);
    }
  }
}

}  // namespace cusp::server
