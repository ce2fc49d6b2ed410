#include "common/frame.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "common/status_macros.h"

namespace cusp {
namespace {

constexpr size_t kHeaderBytes = 4;

uint32_t DecodeLength(const char* bytes) {
  uint32_t length = 0;
  for (size_t i = 0; i < kHeaderBytes; ++i) {
    length |= static_cast<uint32_t>(static_cast<unsigned char>(bytes[i])) << (8U * i);
  }
  return length;
}

absl::Status CheckLength(uint32_t length) {
  if (length > kMaxFrameBytes) {
    return absl::InvalidArgumentError("frame of " + std::to_string(length) + " bytes; at most " +
                                      std::to_string(kMaxFrameBytes));
  }
  return absl::OkStatus();
}

// Fills `size` bytes; the number read is smaller only at the end of the stream.
absl::StatusOr<size_t> ReadFully(int fd, char* out, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t n = read(fd, out + done, size - done);
    if (n == 0) {
      break;
    }
    if (n < 0) {
      if (errno == EINTR) {
        continue;
      }
      if (errno == ECONNRESET) {
        break;
      }
      return absl::UnavailableError(std::string("read: ") + std::strerror(errno));
    }
    done += static_cast<size_t>(n);
  }
  return done;
}

}  // namespace

absl::StatusOr<std::optional<std::string>> FrameDecoder::Next() {
  if (buffer_.size() - consumed_ < kHeaderBytes) {
    return std::nullopt;
  }
  const uint32_t length = DecodeLength(buffer_.data() + consumed_);
  CUSP_RETURN_IF_ERROR(CheckLength(length));
  if (buffer_.size() - consumed_ - kHeaderBytes < length) {
    return std::nullopt;
  }
  std::optional<std::string> frame = buffer_.substr(consumed_ + kHeaderBytes, length);
  consumed_ += kHeaderBytes + length;
  // Dropped in large steps, so that many small frames cost linear time.
  if (consumed_ > buffer_.size() / 2) {
    buffer_.erase(0, consumed_);
    consumed_ = 0;
  }
  return frame;
}

std::string EncodeFrame(std::string_view payload) {
  std::string frame;
  frame.reserve(kHeaderBytes + payload.size());
  for (size_t i = 0; i < kHeaderBytes; ++i) {
    frame += static_cast<char>((payload.size() >> (8U * i)) & 0xffU);
  }
  frame.append(payload);
  return frame;
}

absl::Status WriteFrame(int fd, std::string_view payload) {
  CUSP_RETURN_IF_ERROR(CheckLength(static_cast<uint32_t>(
      payload.size() > kMaxFrameBytes ? kMaxFrameBytes + 1 : payload.size())));
  const std::string frame = EncodeFrame(payload);
  size_t done = 0;
  while (done < frame.size()) {
    ssize_t n = send(fd, frame.data() + done, frame.size() - done, MSG_NOSIGNAL);
    if (n < 0 && errno == ENOTSOCK) {
      n = write(fd, frame.data() + done, frame.size() - done);
    }
    if (n < 0) {
      if (errno == EINTR) {
        continue;
      }
      return absl::UnavailableError(std::string("write: ") + std::strerror(errno));
    }
    done += static_cast<size_t>(n);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadFrame(int fd) {
  std::array<char, kHeaderBytes> header{};
  CUSP_ASSIGN_OR_RETURN(const size_t got, ReadFully(fd, header.data(), header.size()));
  if (got == 0) {
    return absl::OutOfRangeError("end of stream");
  }
  if (got < kHeaderBytes) {
    return absl::DataLossError("stream ended inside a frame's length");
  }
  const uint32_t length = DecodeLength(header.data());
  CUSP_RETURN_IF_ERROR(CheckLength(length));
  std::string payload(length, '\0');
  CUSP_ASSIGN_OR_RETURN(const size_t body, ReadFully(fd, payload.data(), payload.size()));
  if (body < length) {
    return absl::DataLossError("stream ended inside a frame");
  }
  return payload;
}

}  // namespace cusp
