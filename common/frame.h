// Length-delimited frames on a byte stream: a little-endian uint32 length, then
// that many bytes. Knows nothing of what is inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cusp {

// A longer frame is refused before anything is allocated.
inline constexpr uint32_t kMaxFrameBytes = 64U << 20U;

// Reassembles frames from whatever pieces a stream delivers. Not thread-safe.
class FrameDecoder {
 public:
  // Takes the next bytes of the stream.
  void Append(std::string_view bytes) { buffer_.append(bytes); }

  // The next whole frame, or nothing until more bytes arrive.
  // INVALID_ARGUMENT for a length over kMaxFrameBytes; the stream is then lost.
  absl::StatusOr<std::optional<std::string>> Next();

 private:
  std::string buffer_;
  size_t consumed_ = 0;
};

// The frame around `payload`.
std::string EncodeFrame(std::string_view payload);

// Writes one frame to a blocking descriptor. UNAVAILABLE when the peer is gone;
// never raises SIGPIPE on a socket.
absl::Status WriteFrame(int fd, std::string_view payload);

// Reads one frame from a blocking descriptor. OUT_OF_RANGE at a clean end of
// the stream, DATA_LOSS when it ends inside a frame.
absl::StatusOr<std::string> ReadFrame(int fd);

}  // namespace cusp
