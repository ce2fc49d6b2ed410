#include "common/errno_status.h"

#include <cerrno>
#include <cstring>

namespace cusp {

absl::Status ErrnoStatus(const std::string& path) {
  const std::string message = path + ": " + std::strerror(errno);
  switch (errno) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(message);
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(message);
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(message);
    default:
      return absl::UnavailableError(message);
  }
}

}  // namespace cusp
