// Bytes that wait on disk until all of them are there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/unique_fd.h"

namespace cusp::server {

// A file without a name in a folder: gone with its owner, however that ends. Not
// thread-safe.
class SpoolFile {
 public:
  // UNAVAILABLE; RESOURCE_EXHAUSTED from Append() where it would have more than
  // `max_bytes`, or the disk is full.
  static absl::StatusOr<SpoolFile> Create(const std::string& folder, int64_t max_bytes);

  absl::Status Append(std::string_view bytes);

  // Up to `size` bytes from the place of reading on; fewer only at the end.
  absl::StatusOr<size_t> Read(char* out, size_t size);
  // Reads from the beginning again.
  void Rewind() { read_ = 0; }

 private:
  SpoolFile(int fd, int64_t max_bytes) : fd_(fd), max_bytes_(max_bytes) {}

  UniqueFd fd_;
  int64_t max_bytes_ = 0;
  int64_t size_ = 0;
  int64_t read_ = 0;
};

}  // namespace cusp::server
