#include "common/growing_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>
#include <vector>

#include "common/errno_status.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace cusp {
namespace {

constexpr size_t kBufferBytes = size_t{1} << 20U;

// Whether `fd` is still the file at `path`: its last owner may have renamed it.
bool IsStillAt(int fd, const std::string& path) {
  struct stat open_one {};
  struct stat named {};
  return fstat(fd, &open_one) == 0 && stat(path.c_str(), &named) == 0 &&
         open_one.st_ino == named.st_ino && open_one.st_dev == named.st_dev;
}

// A rename is durable once its folder is.
absl::Status SyncFolder(const std::string& folder) {
  const UniqueFd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return fd.ok() && fsync(fd.get()) == 0 ? absl::OkStatus() : ErrnoStatus(folder);
}

}  // namespace

absl::StatusOr<GrowingFile> GrowingFile::Open(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
  if (!fd.ok()) {
    return ErrnoStatus(path);
  }
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK ? absl::AbortedError(path + ": somebody else is writing it")
                                : ErrnoStatus(path);
  }
  if (!IsStillAt(fd.get(), path)) {
    return absl::AbortedError(path + ": somebody else has just ended it");
  }
  GrowingFile file(path, std::move(fd));
  CUSP_RETURN_IF_ERROR(file.HashWhatIsThere());
  return file;
}

absl::Status GrowingFile::HashWhatIsThere() {
  std::vector<char> buffer(kBufferBytes);
  while (true) {
    const ssize_t n = pread(fd_.get(), buffer.data(), buffer.size(), size_);
    if (n < 0) {
      return ErrnoStatus(path_);
    }
    if (n == 0) {
      return absl::OkStatus();
    }
    hash_.Update({buffer.data(), static_cast<size_t>(n)});
    size_ += n;
  }
}

absl::Status GrowingFile::Append(std::string_view piece) {
  size_t written = 0;
  while (written < piece.size()) {
    const ssize_t n = pwrite(fd_.get(), piece.data() + written, piece.size() - written,
                             size_ + static_cast<int64_t>(written));
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0) {
      const absl::Status failed = ErrnoStatus(path_);
      (void)ftruncate(fd_.get(), size_);
      return failed;
    }
    written += static_cast<size_t>(n);
  }
  hash_.Update(piece);
  size_ += static_cast<int64_t>(piece.size());
  return absl::OkStatus();
}

absl::Status GrowingFile::Clear() {
  if (ftruncate(fd_.get(), 0) != 0) {
    return ErrnoStatus(path_);
  }
  hash_ = Sha256();
  size_ = 0;
  return absl::OkStatus();
}

absl::Status GrowingFile::Publish(const std::string& sha256, const std::string& to) {
  const std::string found = hash_.Hex();
  if (found != sha256) {
    unlink(path_.c_str());
    return absl::DataLossError("the SHA-256 of what was sent is " + found + ", not " + sha256 +
                               "; it is dropped, so send it again from the beginning");
  }
  if (fsync(fd_.get()) != 0) {
    return ErrnoStatus(path_);
  }
  const std::string folder = std::filesystem::path(to).parent_path().string();
  CUSP_RETURN_IF_ERROR(MakeDirectories(folder));
  if (std::rename(path_.c_str(), to.c_str()) != 0) {
    return ErrnoStatus(to);
  }
  CUSP_RETURN_IF_ERROR(SyncFolder(folder));
  return SyncFolder(std::filesystem::path(folder).parent_path().string());
}

}  // namespace cusp
