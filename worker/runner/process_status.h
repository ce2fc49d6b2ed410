// Figures of this process, as the kernel tells them in /proc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cusp::runner {

// Bytes behind `key` (such as "VmHWM") in the text of /proc/self/status.
// NOT_FOUND where the key or its number is missing.
absl::StatusOr<int64_t> ParseProcessStatus(std::string_view text, std::string_view key);

// The same of the calling process now.
absl::StatusOr<int64_t> ReadProcessStatus(std::string_view key);

// What the process got since its start, and what disturbed it.
struct Disturbances {
  int64_t involuntary_switches = 0;
  int64_t major_faults = 0;
  int64_t cpu_time_ns = 0;  // of all threads
  int64_t cpu_wait_ns = 0;  // that its living threads waited for a CPU; 0: not told
};
Disturbances ReadDisturbances();

// Nanoseconds that a thread waited for a CPU, from the text of its
// /proc/self/task/TID/schedstat; 0 where that is anything else.
int64_t ParseCpuWait(std::string_view text);

}  // namespace cusp::runner
