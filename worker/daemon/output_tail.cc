#include "worker/daemon/output_tail.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace cusp::worker {
namespace {

constexpr size_t kMaxBytes = 4096;

void CloseFd(int& fd) {
  if (fd >= 0) {
    close(fd);
    fd = -1;
  }
}

}  // namespace

absl::StatusOr<OutputTail> OutputTail::Create() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return absl::UnavailableError(std::string("pipe: ") + std::strerror(errno));
  }
  OutputTail tail;
  tail.read_fd_ = ends[0];
  tail.write_fd_ = ends[1];
  // Only this end: the child shall wait for room like any program.
  fcntl(tail.read_fd_, F_SETFL, O_NONBLOCK);
  return tail;
}

OutputTail::OutputTail(OutputTail&& other) noexcept { *this = std::move(other); }

OutputTail& OutputTail::operator=(OutputTail&& other) noexcept {
  if (this != &other) {
    CloseFd(read_fd_);
    CloseFd(write_fd_);
    read_fd_ = std::exchange(other.read_fd_, -1);
    write_fd_ = std::exchange(other.write_fd_, -1);
    text_ = std::move(other.text_);
  }
  return *this;
}

OutputTail::~OutputTail() {
  CloseFd(read_fd_);
  CloseFd(write_fd_);
}

void OutputTail::CloseWriteEnd() { CloseFd(write_fd_); }

void OutputTail::Drain() {
  std::array<char, 4096> buffer{};
  while (read_fd_ >= 0) {
    const ssize_t n = read(read_fd_, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
      CloseFd(read_fd_);
    }
    if (n <= 0) {
      return;
    }
    for (const char byte : std::string_view(buffer.data(), static_cast<size_t>(n))) {
      // The tail goes into messages, which carry UTF-8 alone; one stray byte
      // would make the coordinator refuse the whole report, again and again.
      const bool plain = byte == '\n' || byte == '\t' || (byte >= ' ' && byte <= '~');
      text_ += plain ? byte : '?';
    }
    if (text_.size() > kMaxBytes) {
      text_.erase(0, text_.size() - kMaxBytes);
      // The first line is a part of one.
      const size_t line = text_.find('\n');
      if (line != std::string::npos && line + 1 < text_.size()) {
        text_.erase(0, line + 1);
      }
    }
  }
}

}  // namespace cusp::worker
