// Whether something else disturbed a block.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "cusp/runner/v1/runner.pb.h"
#include "cusp/v1/measurement.pb.h"
#include "worker/measure/device_watch.h"

namespace cusp::measure {

// CPU time of some CPUs since boot, in clock ticks.
struct CpuTimes {
  uint64_t busy = 0;   // anything but idle and waiting for I/O, without stolen
  uint64_t steal = 0;  // taken by the hypervisor for others
  uint64_t idle = 0;
};

// Sums the lines of `cpus` in /proc/stat's text (proc(5)), or reads that of the whole
// machine where `cpus` is empty. INVALID_ARGUMENT where a line is missing.
absl::StatusOr<CpuTimes> ParseCpuTimes(std::string_view text, const std::vector<int>& cpus);

struct NoiseOptions {
  // Or a file like it. Where it can't be read, nothing was stolen or run by others.
  std::string proc_stat = "/proc/stat";
  // CPUs that the runner may use; empty: all.
  std::vector<int> cpus = {};
  // Of the accelerator; nullptr: none, or its driver tells nothing. Not owned.
  DeviceWatch* device = nullptr;
};

// Watches the machine while a runner takes the samples of one block, and leaves out
// the rest: warm-up, starts. Not thread-safe.
class NoiseWatch {
 public:
  explicit NoiseWatch(NoiseOptions options) : options_(std::move(options)) {}

  // Forgets what was seen: another block begins.
  void Reset();

  // Takes another device, or none. Not owned.
  void Watch(DeviceWatch* device) { options_.device = device; }

  // Before a run of steps, and after it. A run that got no answer is not counted.
  void Start();
  void Finish(const runner::v1::RunResponse& response);

  // Sets what was seen since Reset(): shares, switches, faults, the device's state.
  void Describe(v1::Block& block) const;

 private:
  CpuTimes Read() const;
  void WatchDevice();

  NoiseOptions options_;
  CpuTimes before_;
  CpuTimes seen_;
  runner::v1::RunResponse runner_;  // its figures alone, summed
  DeviceState device_;              // lowest clocks, most processes, all limits
};

// Whether a block lost so much to others that it is better measured again:
// - a hypervisor stole more than a tenth of the CPU time that the machine used,
// - the runner waited for a CPU for more than a tenth of the time that it could run,
// - other processes ran for more than a quarter of the time of its CPUs. They slow it
//   even where it need not wait, by caches, memory and shared cores. Ticks of 10 ms
//   tell such a share to a fifth in the shortest block that counts,
// - it read pages from a disk more than ten times a second: at up to 10 ms each that is
//   a tenth as well,
// - another process computed on the accelerator, its clocks were held down by heat or
//   supply (not by a power cap, which is normal), or its allocator emptied its cache
//   within a sample.
// Only uses what is stored with a block, so a resumed sweep counts the same ones.
// Involuntary switches are recorded and not judged: what they cost shows as waiting.
bool IsDisturbed(const v1::Block& block);

// Time inside a block's samples of whole steps, in seconds.
double SecondsOf(const v1::Block& block);

// Decides which disturbed blocks to discard: no more than a bounded number of them,
// since on a machine that is always disturbed the samples' own spread has to tell.
// Not thread-safe.
class NoiseGate {
 public:
  bool ShouldDiscard(const v1::Block& block);

 private:
  int64_t blocks_ = 0;
  int64_t discarded_ = 0;
};

}  // namespace cusp::measure
