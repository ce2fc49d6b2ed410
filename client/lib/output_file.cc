#include "client/lib/output_file.h"

#include <unistd.h>

#include <utility>

#include "common/errno_status.h"
#include "common/file.h"

namespace cusp::client {
absl::StatusOr<OutputFile> OutputFile::Create(const std::string& path) {
  if (path == "-") {
    return OutputFile(path, "", stdout);
  }
  if (IsDeviceOrPipe(path)) {
    std::FILE* file = std::fopen(path.c_str(), "we");
    return file == nullptr ? absl::StatusOr<OutputFile>(ErrnoStatus(path))
                           : OutputFile(path, path, file);
  }
  const std::string temporary = path + ".tmp." + std::to_string(getpid());
  std::FILE* file = std::fopen(temporary.c_str(), "we");
  if (file == nullptr) {
    return ErrnoStatus(path);
  }
  return OutputFile(path, temporary, file);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      file_(std::exchange(other.file_, nullptr)) {}

OutputFile::~OutputFile() {
  if (file_ != nullptr && !temporary_.empty()) {
    std::fclose(file_);
    Discard();
  }
}

void OutputFile::Discard() const {
  if (temporary_ != path_) {
    unlink(temporary_.c_str());
  }
}

void OutputFile::Write(std::string_view text) { std::fwrite(text.data(), 1, text.size(), file_); }

absl::Status OutputFile::Commit() {
  std::FILE* const file = std::exchange(file_, nullptr);
  const bool failed = std::ferror(file) != 0 || std::fflush(file) != 0;
  absl::Status status = failed ? ErrnoStatus(path_) : absl::OkStatus();
  if (temporary_.empty()) {
    return status;
  }
  if (std::fclose(file) != 0 && status.ok()) {
    status = ErrnoStatus(path_);
  }
  if (status.ok() && temporary_ != path_ && std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    status = ErrnoStatus(path_);
  }
  if (!status.ok()) {
    Discard();
  }
  return status;
}

}  // namespace cusp::client
