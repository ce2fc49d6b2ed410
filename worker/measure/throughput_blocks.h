// Blocks of throughput, each variant at its own best batch size.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "worker/measure/block_measurer.h"
#include "worker/measure/block_runner.h"

namespace cusp::measure {

// Searches a variant's best batch size at a length before its first block there, from the one
// at the nearest length, scaled so that the inputs hold as many tokens. The block's batch size
// is 0. A largest batch that is known of a point is timed once, in its first block, where it
// fits beside the other variants. What it is given must outlive it.
class ThroughputBlocks final : public BlockMeasurer {
 public:
  // By variant and length.
  using Batches = std::map<std::pair<size_t, int64_t>, int32_t>;

  ThroughputBlocks(const SweepSetup& setup, PointTable& points, BlockRunner& runner,
                   const Batches& largest)
      : setup_(setup), points_(points), runner_(runner), largest_(largest) {}

  absl::StatusOr<v1::Block> Measure(const analysis::PlannedBlock& planned, int32_t batch_size,
                                    Clock::Duration time_left) override;
  void Restore(const v1::Block& block) override;

 private:
  absl::StatusOr<int32_t> BestBatch(size_t variant, int64_t length);
  int32_t FirstGuess(size_t variant, int64_t length) const;
  absl::Status AddLargest(size_t variant, int64_t length, v1::Block& block);

  const SweepSetup& setup_;
  PointTable& points_;
  BlockRunner& runner_;
  const Batches& largest_;
  Batches best_;
  Batches timed_;  // largest batches that need no timing any more
  InputsPerSecond shape_;
};

}  // namespace cusp::measure
