// Blocks of where the time of a step goes.
#pragma once

#include "worker/measure/block_measurer.h"
#include "worker/measure/block_runner.h"

namespace cusp::measure {

// One run of each variant in which the parts of its steps are told apart, beside as many
// steps that are timed as a whole: these are the sample of METRIC_COMPONENTS, and the parts
// follow. What it is given must outlive it.
class ComponentBlocks final : public BlockMeasurer {
 public:
  ComponentBlocks(const SweepSetup& setup, RunnerSession& session, PointTable& points,
                  BlockRunner& runner)
      : setup_(setup), session_(session), points_(points), runner_(runner) {}

  absl::StatusOr<v1::Block> Measure(const analysis::PlannedBlock& planned, int32_t batch_size,
                                    Clock::Duration time_left) override;

 private:
  absl::StatusOr<runner::v1::ComponentsResponse> TellApart(const PointKey& key);

  const SweepSetup& setup_;
  RunnerSession& session_;
  PointTable& points_;
  BlockRunner& runner_;
};

}  // namespace cusp::measure
