// How far the sending of weights is, in one line.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "client/cli/progress.h"
#include "common/clock.h"

namespace cusp::client {

// For instance "weights model.safetensors: 512 of 1,340 MiB". Pure.
std::string RenderUpload(const std::string& path, int64_t sent_bytes, int64_t size_bytes);

// Draws the line over itself on a terminal, once in a while below one another elsewhere, and
// never when quiet. Not thread-safe.
class UploadProgress {
 public:
  // `out` and `clock` outlive the object.
  UploadProgress(ProgressLine::Style style, std::FILE* out, const Clock& clock)
      : style_(style), out_(out), clock_(clock) {}
  ~UploadProgress();
  UploadProgress(const UploadProgress&) = delete;
  UploadProgress& operator=(const UploadProgress&) = delete;

  void Show(const std::string& path, int64_t sent_bytes, int64_t size_bytes);

 private:
  const ProgressLine::Style style_;
  std::FILE* const out_;
  const Clock& clock_;
  std::string last_path_;
  Clock::Monotonic last_time_{};
  bool drawn_ = false;
};

}  // namespace cusp::client
