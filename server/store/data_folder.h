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
  // cuspd has it, or where it lies on a network file system; UNAVAILABLE where
  // it can't be used.
  static absl::StatusOr<DataFolder> Open(const std::string& path);

  const std::string& path() const { return path_; }
  std::string DatabasePath() const { return path_ + "/cusp.db"; }

  // True where the last cuspd did not close the database: its log is left over.
  bool LeftByCrash() const;

 private:
  DataFolder(std::string path, FileLock lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  FileLock lock_;
};

// Name of the network file system that `statfs` type `type` is, or nullptr for
// a local one.
const char* NetworkFileSystemName(unsigned long type);

// Name of the network file system that holds `path`, or "" for a local one. UNAVAILABLE.
absl::StatusOr<std::string> NetworkFileSystemOf(const std::string& path);

}  // namespace cusp::server
