#include "common/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "common/status_macros.h"

namespace cusp {
namespace {

absl::Status ErrnoStatus(const std::string& path) {
  const std::string message = path + ": " + std::strerror(errno);
  return errno == EACCES ? absl::PermissionDeniedError(message) : absl::UnavailableError(message);
}

absl::StatusOr<int> Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return ErrnoStatus(path);
  }
  return fd;
}

int Flock(int fd, int operation) {
  while (flock(fd, operation) != 0) {
    if (errno != EINTR) {
      return -1;
    }
  }
  return 0;
}

}  // namespace

absl::StatusOr<FileLock> FileLock::Take(const std::string& path) {
  CUSP_ASSIGN_OR_RETURN(const int fd, Open(path));
  FileLock lock(fd);
  if (Flock(fd, LOCK_EX) != 0) {
    return ErrnoStatus(path);
  }
  return lock;
}

absl::StatusOr<std::optional<FileLock>> FileLock::TryTake(const std::string& path) {
  CUSP_ASSIGN_OR_RETURN(const int fd, Open(path));
  FileLock lock(fd);
  if (Flock(fd, LOCK_EX | LOCK_NB) == 0) {
    return std::optional<FileLock>(std::move(lock));
  }
  if (errno == EWOULDBLOCK) {
    return std::optional<FileLock>();
  }
  return ErrnoStatus(path);
}

}  // namespace cusp
