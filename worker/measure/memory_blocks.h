// Blocks of what fresh processes find: peak memory, and the largest batch that fits.
#pragma once

#include <cstdint>

#include "worker/measure/block_measurer.h"
#include "worker/measure/memory_probe.h"
#include "worker/measure/throughput_blocks.h"

namespace cusp::measure {

// Peak memory, and beside it what device and host had in use. What it is given must outlive
// it.
class PeakMemoryBlocks final : public BlockMeasurer {
 public:
  // `timeout` is for each answer of a probe.
  PeakMemoryBlocks(const SweepSetup& setup, MemoryProbe& probe, Clock::Duration timeout)
      : setup_(setup), probe_(probe), timeout_(timeout) {}

  absl::StatusOr<v1::Block> Measure(const analysis::PlannedBlock& planned, int32_t batch_size,
                                    Clock::Duration time_left) override;

 private:
  const SweepSetup& setup_;
  MemoryProbe& probe_;
  Clock::Duration timeout_;
};

// The largest batch, by a process for each try. None is tried above one whose step took
// seconds or that did not answer in time, nor, once one fits, after the time for the block:
// what was found then is only a lower bound (catalog::IsLowerBound). The block's batch size
// is 0. What it is given must outlive it.
class LargestBatchBlocks final : public BlockMeasurer {
 public:
  LargestBatchBlocks(const SweepSetup& setup, MemoryProbe& probe, const Clock& clock,
                     Clock::Duration timeout)
      : setup_(setup), probe_(probe), clock_(clock), timeout_(timeout) {}

  absl::StatusOr<v1::Block> Measure(const analysis::PlannedBlock& planned, int32_t batch_size,
                                    Clock::Duration time_left) override;
  void Restore(const v1::Block& block) override;

  // What was found so far.
  const ThroughputBlocks::Batches& found() const { return found_; }

 private:
  absl::Status Search(size_t variant, int64_t length, Clock::Monotonic end, v1::Sample& sample);
  int32_t FirstGuess(size_t variant, int64_t length) const;

  const SweepSetup& setup_;
  MemoryProbe& probe_;
  const Clock& clock_;
  Clock::Duration timeout_;
  ThroughputBlocks::Batches found_;
};

}  // namespace cusp::measure
