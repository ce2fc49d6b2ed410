// What makes the blocks of one metric.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "analysis/planner.h"
#include "common/clock.h"
#include "cusp/v1/measurement.pb.h"

namespace cusp::measure {

class BlockMeasurer {
 public:
  virtual ~BlockMeasurer() = default;

  // One sample of the metric for each planned variant, in this order, and samples of what is
  // recorded beside it; a variant that cannot be measured has a sample that says why. The
  // block has no number yet. `time_left` only shortens the wait for steps of unknown length, and
  // searches that can end early.
  // CANCELLED when the host wants to stop now; other errors end the sweep.
  virtual absl::StatusOr<v1::Block> Measure(const analysis::PlannedBlock& planned,
                                            int32_t batch_size, Clock::Duration time_left) = 0;

  // Takes over what an earlier attempt committed of this metric.
  virtual void Restore(const v1::Block& /*block*/) {}
};

}  // namespace cusp::measure
