#include "server/api/spool_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace cusp::server {
namespace {

absl::Status ErrorOf(const std::string& doing) {
  const std::string message = doing + ": " + std::strerror(errno);
  return errno == ENOSPC || errno == EDQUOT
             ? absl::ResourceExhaustedError(message + "; make room on the coordinator's disk")
             : absl::UnavailableError(message);
}

}  // namespace

absl::StatusOr<SpoolFile> SpoolFile::Create(const std::string& folder, int64_t max_bytes) {
  std::string path = folder + "/spool-XXXXXX";
  const int fd = mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0) {
    return ErrorOf("cannot make a file in " + folder);
  }
  unlink(path.c_str());
  return SpoolFile(fd, max_bytes);
}

absl::Status SpoolFile::Append(std::string_view bytes) {
  if (size_ + static_cast<int64_t>(bytes.size()) > max_bytes_) {
    return absl::ResourceExhaustedError("the file has more than the " +
                                        std::to_string(max_bytes_ >> 20U) +
                                        " MiB that are possible");
  }
  while (!bytes.empty()) {
    const ssize_t n = pwrite(fd_.get(), bytes.data(), bytes.size(), size_);
    if (n < 0) {
      if (errno == EINTR) {
        continue;
      }
      return ErrorOf("cannot keep what was sent");
    }
    size_ += n;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> SpoolFile::Read(char* out, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t n = pread(fd_.get(), out + done, size - done, read_);
    if (n < 0) {
      if (errno == EINTR) {
        continue;
      }
      return ErrorOf("cannot read what was kept");
    }
    if (n == 0) {
      break;
    }
    done += static_cast<size_t>(n);
    read_ += n;
  }
  return done;
}

}  // namespace cusp::server
