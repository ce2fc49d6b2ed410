#include "client/cli/upload_progress.h"

#include <chrono>
#include <filesystem>

#include "client/cli/format.h"

namespace cusp::client {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20U;
constexpr std::chrono::milliseconds kLiveInterval{200};
constexpr std::chrono::seconds kPlainInterval{10};

// Rounded up: what is not empty has at least one.
std::string InMiB(int64_t bytes) { return FormatCount((bytes + kMiB - 1) / kMiB); }

}  // namespace

std::string RenderUpload(const std::string& path, int64_t sent_bytes, int64_t size_bytes) {
  return "weights " + std::filesystem::path(path).filename().string() + ": " + InMiB(sent_bytes) +
         " of " + InMiB(size_bytes) + " MiB";
}

UploadProgress::~UploadProgress() {
  if (drawn_) {
    std::fputs("\r\x1b[K", out_);
    std::fflush(out_);
  }
}

void UploadProgress::Show(const std::string& path, int64_t sent_bytes, int64_t size_bytes) {
  if (style_ == ProgressLine::Style::kNone) {
    return;
  }
  const bool live = style_ == ProgressLine::Style::kLive;
  const auto now = clock_.Now();
  const Clock::Duration interval = live ? Clock::Duration(kLiveInterval) : kPlainInterval;
  if (path == last_path_ && now - last_time_ < interval) {
    return;
  }
  last_path_ = path;
  last_time_ = now;
  drawn_ = live;
  const std::string line = RenderUpload(path, sent_bytes, size_bytes);
  std::fprintf(out_, live ? "\r%s\x1b[K" : "cusp: %s\n", line.c_str());
  std::fflush(out_);
}

}  // namespace cusp::client
