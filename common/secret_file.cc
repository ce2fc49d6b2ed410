#include "common/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>

#include "common/errno_status.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace cusp {
namespace {

constexpr size_t kMaxSecretBytes = 64U << 10U;
constexpr mode_t kForOthers = S_IRWXG | S_IRWXO;

}  // namespace

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    return ErrnoStatus(path);
  }
  if (!S_ISDIR(info.st_mode) && (info.st_mode & kForOthers) != 0) {
    return absl::PermissionDeniedError(
        path + ": others have access to this secret; run chmod 600 " + path);
  }
  CUSP_ASSIGN_OR_RETURN(const std::string content, ReadFile(path, kMaxSecretBytes));
  const size_t first = content.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) {
    return absl::InvalidArgumentError(path + ": is empty");
  }
  return content.substr(first, content.find_last_not_of(" \t\r\n") - first + 1);
}

absl::Status CreateSecretFile(const std::string& path, std::string_view content) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) {
    return errno == EEXIST ? absl::AlreadyExistsError(path + ": exists already")
                           : ErrnoStatus(path);
  }
  const bool written =
      write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
      fsync(fd) == 0;
  const absl::Status status = written ? absl::OkStatus() : ErrnoStatus(path);
  close(fd);
  if (!written) {
    unlink(path.c_str());
  }
  return status;
}

absl::Status ReplaceSecretFile(const std::string& path, std::string_view content) {
  const std::string temporary = path + ".tmp." + std::to_string(getpid());
  unlink(temporary.c_str());  // of a process of the same number that died
  CUSP_RETURN_IF_ERROR(CreateSecretFile(temporary, content));
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    const absl::Status status = ErrnoStatus(path);
    unlink(temporary.c_str());
    return status;
  }
  return absl::OkStatus();
}

}  // namespace cusp
