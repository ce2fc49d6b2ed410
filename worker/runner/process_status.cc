#include "worker/runner/process_status.h"

#include <sys/resource.h>

#include <charconv>

#include "common/file.h"
#include "common/status_macros.h"

namespace cusp::runner {
namespace {

constexpr size_t kMaxStatusBytes = 64 << 10;
constexpr int64_t kBytesPerKilobyte = 1024;

}  // namespace

absl::StatusOr<int64_t> ParseProcessStatus(std::string_view text, std::string_view key) {
  const std::string wanted = "\n" + std::string(key) + ":";
  // The first line is the process's name, never a figure.
  const size_t at = text.find(wanted);
  if (at == std::string_view::npos) {
    return absl::NotFoundError("no " + std::string(key) + " in /proc/self/status");
  }
  std::string_view value = text.substr(at + wanted.size());
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  int64_t kilobytes = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), kilobytes);
  if (error != std::errc() || kilobytes < 0) {
    return absl::NotFoundError("no number behind " + std::string(key) + " in /proc/self/status");
  }
  return kilobytes * kBytesPerKilobyte;
}

absl::StatusOr<int64_t> ReadProcessStatus(std::string_view key) {
  CUSP_ASSIGN_OR_RETURN(const std::string text, ReadFile("/proc/self/status", kMaxStatusBytes));
  return ParseProcessStatus(text, key);
}

Disturbances ReadDisturbances() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return Disturbances{.involuntary_switches = usage.ru_nivcsw, .major_faults = usage.ru_majflt};
}

}  // namespace cusp::runner
