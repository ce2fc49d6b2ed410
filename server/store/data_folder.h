// The folder that one cuspd owns.
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/file_lock.h"

namespace cusp::server {

// Exclusive use of a data folder, from construction to destruction, by a lock
// on its file "cuspd.lock" that the kernel drops when the process dies.
class DataFolder {
 public:
  // Makes the folder (0700) where missing. FAILED_PRECONDITION where another
  // cuspd has it, where it lies on a network file system or where every account
  // may write to it; PERMISSION_DENIED or UNAVAILABLE where it can't be used.
  static absl::StatusOr<DataFolder> Open(const std::string& path);

  const std::string& path() const { return path_; }
  std::string DatabasePath() const { return path_ + "/cusp.db"; }

  // What else is wrong with who may write to it, with the remedy; empty: nothing.
  const std::string& warning() const { return warning_; }

  // True where the last cuspd did not close the database: its log is left over.
  bool LeftByCrash() const;

 private:
  DataFolder(std::string path, std::string warning, FileLock lock)
      : path_(std::move(path)), warning_(std::move(warning)), lock_(std::move(lock)) {}

  std::string path_;
  std::string warning_;
  FileLock lock_;
};

// Who may write to a folder beyond the account that uses it, and so put files of theirs
// in the place of its own.
struct FolderAccess {
  bool is_open_to_all = false;  // any account of the machine
  std::string fault;            // with the path; empty: nobody
  std::string remedy;
};

// Judges the mode and the owner that stat(2) gives; `own` is this process's account.
FolderAccess JudgeFolderAccess(const std::string& path, unsigned mode, unsigned owner,
                               unsigned own);

// The same of a folder as it is now. UNAVAILABLE.
absl::StatusOr<FolderAccess> FolderAccessOf(const std::string& path);

// Name of the network file system that `statfs` type `type` is, or nullptr for
// a local one.
const char* NetworkFileSystemName(unsigned long type);

// Name of the network file system that holds `path`, or "" for a local one. UNAVAILABLE.
absl::StatusOr<std::string> NetworkFileSystemOf(const std::string& path);

}  // namespace cusp::server
