// The folder that one cuspd owns.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cusp::server {

// Exclusive use of a data folder, from construction to destruction, by a lock
// on its file "cuspd.lock" that the kernel drops when the process dies.
class DataFolder {
 public:
  // Makes the folder (0700) where missing. FAILED_PRECONDITION where another
  // cuspd has it, or where it lies on a network file system; UNAVAILABLE where
  // it can't be used.
  static absl::StatusOr<DataFolder> Open(const std::string& path);

  DataFolder(DataFolder&& other) noexcept;
  DataFolder& operator=(DataFolder&& other) noexcept;
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;
  ~DataFolder();

  const std::string& path() const { return path_; }
  std::string DatabasePath() const { return path_ + "/cusp.db"; }

  // True where the last cuspd did not close the database: its log is left over.
  bool LeftByCrash() const;

 private:
  DataFolder(std::string path, int lock_fd) : path_(std::move(path)), lock_fd_(lock_fd) {}

  std::string path_;
  int lock_fd_ = -1;
};

// Name of the network file system that `statfs` type `type` is, or nullptr for
// a local one.
const char* NetworkFileSystemName(unsigned long type);

}  // namespace cusp::server
