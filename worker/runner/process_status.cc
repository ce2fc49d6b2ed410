#include "worker/runner/process_status.h"

#include <sys/resource.h>

#include <charconv>
#include <filesystem>
#include <sstream>
#include <system_error>

#include "common/file.h"
#include "common/status_macros.h"

namespace cusp::runner {
namespace {

constexpr size_t kMaxStatusBytes = 64 << 10;
constexpr int64_t kBytesPerKilobyte = 1024;

int64_t Nanoseconds(const timeval& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + int64_t{time.tv_usec} * 1000;
}

// The file of the process is that of its first thread alone. A thread that ends
// meanwhile has no file: it counts nothing.
int64_t ReadCpuWait() {
  int64_t wait = 0;
  std::error_code error;
  std::filesystem::directory_iterator at("/proc/self/task", error);
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    wait +=
        ParseCpuWait(ReadFile(at->path().string() + "/schedstat", kMaxStatusBytes).value_or(""));
  }
  return wait;
}

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
  return Disturbances{.involuntary_switches = usage.ru_nivcsw,
                      .major_faults = usage.ru_majflt,
                      .cpu_time_ns = Nanoseconds(usage.ru_utime) + Nanoseconds(usage.ru_stime),
                      .cpu_wait_ns = ReadCpuWait()};
}

int64_t ParseCpuWait(std::string_view text) {
  // Time on a CPU, time waiting for one, time slices.
  int64_t ran = 0;
  int64_t waited = 0;
  std::istringstream in{std::string(text)};
  return in >> ran >> waited && waited > 0 ? waited : 0;
}

}  // namespace cusp::runner
