// Blocks of floating-point operations, which the catalog counts.
#pragma once

#include "catalog/job_costs.h"
#include "worker/measure/block_measurer.h"
#include "worker/measure/sweep_setup.h"

namespace cusp::measure {

// Those of the matrix products and convolutions of one step, by formula: needs no runner.
// `setup` must outlive it.
class FlopsBlocks final : public BlockMeasurer {
 public:
  explicit FlopsBlocks(const SweepSetup& setup);

  absl::StatusOr<v1::Block> Measure(const analysis::PlannedBlock& planned, int32_t batch_size,
                                    Clock::Duration time_left) override;

 private:
  const SweepSetup& setup_;
  absl::StatusOr<catalog::JobCosts> costs_;
};

}  // namespace cusp::measure
