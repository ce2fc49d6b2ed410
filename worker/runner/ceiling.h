// What the device does at most: what achieved FLOP/s are held against.
#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cusp/runner/v1/runner.pb.h"
#include "worker/runner/timer.h"

namespace cusp::runner {

// How large, and how often.
struct CeilingSizes {
  // Sides of square matrices: doubled from the first up to the last.
  int64_t first_side = 256;
  int64_t last_side = 8192;
  // A side whose products would take longer, all repeats together, is not tried.
  double longest_seconds = 0.1;
  int64_t copied_bytes = int64_t{64} << 20;  // at least 4, a multiple of 4
  int launches = 500;
  int repeats = 3;  // the fastest counts
};

// Sizes that fill `device`; on a CPU all of it takes less than half a second.
CeilingSizes UsualSizes(c10::Device device);

// The fastest products of random matrices of each number type, a copy, and an
// operator on a few numbers, each after one call that is not timed. INVALID_ARGUMENT
// for an unknown number type; may throw what LibTorch throws. `threads` of the
// response is the caller's to set.
absl::StatusOr<v1::MeasureCeilingResponse> MeasureCeiling(c10::Device device, Timer& timer,
                                                          const std::vector<std::string>& dtypes,
                                                          const CeilingSizes& sizes);

}  // namespace cusp::runner
