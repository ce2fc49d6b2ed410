// A lock between processes, on a file.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/unique_fd.h"

namespace cusp {

// An exclusive flock(2), held until destroyed or until the process ends, by
// whatever cause. Children don't inherit it. The file stays.
class FileLock {
 public:
  // Waits for the lock. UNAVAILABLE or PERMISSION_DENIED with the path named.
  static absl::StatusOr<FileLock> Take(const std::string& path);

  // Nothing where somebody else holds it.
  static absl::StatusOr<std::optional<FileLock>> TryTake(const std::string& path);

 private:
  explicit FileLock(int fd) : fd_(fd) {}

  UniqueFd fd_;
};

}  // namespace cusp
