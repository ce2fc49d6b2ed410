// Blocks of latencies and of their percentiles.
#pragma once

#include <vector>

#include "worker/measure/block_measurer.h"
#include "worker/measure/block_runner.h"
#include "worker/measure/self_check.h"

namespace cusp::measure {

// The points of a planned block, all with one batch size.
std::vector<PointKey> PointsOf(const analysis::PlannedBlock& planned, int32_t batch_size);

// Blocks of one shape. What it is given must outlive it.
class TimedBlocks final : public BlockMeasurer {
 public:
  TimedBlocks(BlockRunner& runner, const SampleShape& shape) : runner_(runner), shape_(shape) {}

  absl::StatusOr<v1::Block> Measure(const analysis::PlannedBlock& planned, int32_t batch_size,
                                    Clock::Duration time_left) override;

 private:
  BlockRunner& runner_;
  const SampleShape& shape_;
};

// Blocks of latencies, in which `check` (may be nullptr) has a baseline run twice. While
// decoding, samples of the first token follow, until a point has eight: one that cannot be had
// is left out. What it is given must outlive it.
class LatencyBlocks final : public BlockMeasurer {
 public:
  LatencyBlocks(const SweepSetup& setup, RunnerSession& session, PointTable& points,
                BlockRunner& runner, const SelfCheck* check)
      : setup_(setup), session_(session), points_(points), runner_(runner), check_(check) {}

  absl::StatusOr<v1::Block> Measure(const analysis::PlannedBlock& planned, int32_t batch_size,
                                    Clock::Duration time_left) override;
  void Restore(const v1::Block& block) override { points_.Restore(block); }

 private:
  void AddFirstTokens(const std::vector<PointKey>& keys, v1::Block& block);

  const SweepSetup& setup_;
  RunnerSession& session_;
  PointTable& points_;
  BlockRunner& runner_;
  const SelfCheck* check_;
  MeanOfCalls shape_;
};

}  // namespace cusp::measure
