#include "common/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "common/errno_status.h"

namespace cusp {
namespace {

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) {
      close(fd_);
    }
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

absl::Status WriteAll(int fd, const std::string& path, std::string_view content) {
  while (!content.empty()) {
    const ssize_t n = write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0) {
      return ErrnoStatus(path);
    }
    content.remove_prefix(static_cast<size_t>(n));
  }
  return absl::OkStatus();
}

// Synced before the caller renames: else a power cut could leave the new name
// with nothing in it.
absl::Status WriteAndSync(const std::string& path, std::string_view content) {
  const Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (fd.get() < 0) {
    return ErrnoStatus(path);
  }
  const absl::Status status = WriteAll(fd.get(), path, content);
  if (!status.ok()) {
    return status;
  }
  return fsync(fd.get()) == 0 ? absl::OkStatus() : ErrnoStatus(path);
}

absl::Status WriteInPlace(const std::string& path, std::string_view content) {
  const Fd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return fd.get() < 0 ? ErrnoStatus(path) : WriteAll(fd.get(), path, content);
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) {
    return ErrnoStatus(path);
  }
  struct stat info {};
  if (fstat(fd.get(), &info) != 0) {
    return ErrnoStatus(path);
  }
  if (S_ISDIR(info.st_mode)) {
    return absl::InvalidArgumentError(path + ": is a folder, not a file");
  }
  std::string content;
  std::string buffer(64U << 10U, '\0');
  while (true) {
    const ssize_t n = read(fd.get(), buffer.data(), buffer.size());
    if (n < 0) {
      if (errno == EINTR) {
        continue;
      }
      return ErrnoStatus(path);
    }
    if (n == 0) {
      return content;
    }
    content.append(buffer, 0, static_cast<size_t>(n));
    if (content.size() > max_bytes) {
      return absl::InvalidArgumentError(path + ": longer than the limit of " +
                                        std::to_string(max_bytes) + " bytes");
    }
  }
}

bool IsDeviceOrPipe(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

absl::Status WriteFileAtomically(const std::string& path, std::string_view content) {
  if (IsDeviceOrPipe(path)) {
    return WriteInPlace(path, content);
  }
  static std::atomic<unsigned> counter = 0;
  const std::string temporary =
      path + ".tmp." + std::to_string(getpid()) + "." + std::to_string(counter++);
  absl::Status status = WriteAndSync(temporary, content);
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) {
    status = ErrnoStatus(path);
  }
  if (!status.ok()) {
    unlink(temporary.c_str());
  }
  return status;
}

absl::Status MakeDirectories(const std::string& path) {
  std::string prefix;
  for (const auto& part : std::filesystem::path(path)) {
    prefix = prefix.empty() ? part.string() : (std::filesystem::path(prefix) / part).string();
    if (mkdir(prefix.c_str(), 0700) != 0 && errno != EEXIST && errno != EROFS) {
      return ErrnoStatus(prefix);
    }
  }
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    return ErrnoStatus(path);
  }
  if (!S_ISDIR(info.st_mode)) {
    return absl::InvalidArgumentError(path + ": exists and is not a folder");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ExecutableDirectory() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    return absl::UnavailableError("/proc/self/exe: " + error.message());
  }
  return path.parent_path().string();
}

}  // namespace cusp
