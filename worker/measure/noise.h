// Whether something else disturbed a block.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace cusp::measure {

// CPU time of the whole machine since boot, in clock ticks.
struct CpuTimes {
  uint64_t busy = 0;   // anything but idle and waiting for I/O, without stolen
  uint64_t steal = 0;  // taken by the hypervisor for others
};

// Reads the first line of /proc/stat's text (proc(5)). INVALID_ARGUMENT.
absl::StatusOr<CpuTimes> ParseCpuTimes(std::string_view text);

// Watches the CPU's steal time around a block. A block that lost a clear part
// of its time is to be discarded, but no more than a bounded number of them:
// on a machine that is always disturbed, the samples' own spread has to tell.
// Not thread-safe.
class NoiseGate {
 public:
  // `path` is /proc/stat, or a file like it. Where it can't be read, nothing
  // counts as disturbed.
  explicit NoiseGate(std::string path) : path_(std::move(path)) {}

  // Before a block.
  void Start();

  // After it: share of the CPU's time that others took, 0 to 1.
  double Finish();

  // Whether to discard the block that Finish() ended.
  bool ShouldDiscard();

  int64_t discarded() const { return discarded_; }

 private:
  CpuTimes Read() const;

  std::string path_;
  CpuTimes before_;
  CpuTimes last_;
  int64_t blocks_ = 0;
  int64_t discarded_ = 0;
};

}  // namespace cusp::measure
