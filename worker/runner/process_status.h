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

// What disturbed the process since its start.
struct Disturbances {
  int64_t involuntary_switches = 0;
  int64_t major_faults = 0;
};
Disturbances ReadDisturbances();

}  // namespace cusp::runner
