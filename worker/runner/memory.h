// Peak memory of the process or of a device's allocator.
#pragma once

#include <c10/core/Device.h>

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cusp/runner/v1/runner.pb.h"

namespace cusp::runner {

// Peak memory since a baseline: on a CPU the process's high-water mark, on an
// accelerator its caching allocator's peak. Not thread-safe.
class MemoryProbe {
 public:
  explicit MemoryProbe(c10::Device device) : device_(device) {}

  // Takes the baseline, after LibTorch's start and before any model. `exact`
  // also maps every library page in, so that code which runs for the first time
  // later does not count as the model's memory.
  absl::Status TakeBaseline(bool exact);

  // Peaks since then. INTERNAL where the kernel does not tell.
  absl::StatusOr<v1::MemoryResponse> Read() const;

  // Times since the process's start that an accelerator's allocator found no room and
  // emptied its cache to try again; 0 on a CPU.
  int64_t AllocatorRetries() const;

 private:
  c10::Device device_;
  int64_t baseline_bytes_ = 0;
};

}  // namespace cusp::runner
