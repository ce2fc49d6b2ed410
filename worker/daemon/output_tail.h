// The end of what a child wrote to stdout and stderr.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace cusp::worker {

// A pipe whose reading end never blocks, and the last few kilobytes that came
// through it. Not thread-safe.
class OutputTail {
 public:
  // UNAVAILABLE where the system has no descriptors left.
  static absl::StatusOr<OutputTail> Create();

  OutputTail(OutputTail&& other) noexcept;
  OutputTail& operator=(OutputTail&& other) noexcept;
  OutputTail(const OutputTail&) = delete;
  OutputTail& operator=(const OutputTail&) = delete;
  ~OutputTail();

  // For the child; close it here once the child has it.
  int write_fd() const { return write_fd_; }
  void CloseWriteEnd();

  // Readable when there is something to drain; -1 after the end.
  int read_fd() const { return read_fd_; }

  // Takes all that is in the pipe now.
  void Drain();

  // The last whole lines; empty where nothing was written.
  const std::string& text() const { return text_; }

 private:
  OutputTail() = default;

  int read_fd_ = -1;
  int write_fd_ = -1;
  std::string text_;
};

}  // namespace cusp::worker
