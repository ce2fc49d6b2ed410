// Blocks of the energy of a step.
#pragma once

#include <cstdint>

#include "worker/measure/block_measurer.h"
#include "worker/measure/block_runner.h"
#include "worker/measure/energy_counter.h"

namespace cusp::measure {

struct EnergyWindow {
  // Counters move every 20 to 100 ms, and what they miss at both ends has to be small.
  Clock::Duration shortest = std::chrono::seconds(5);
};

// For each variant a window of steps that lasts at least five seconds, between two readings
// of the device's counter, in the block's order. An idle window precedes them: its watts are
// recorded beside the first variant. A counter that did not move is no result. What it is
// given must outlive it.
class EnergyBlocks final : public BlockMeasurer {
 public:
  EnergyBlocks(const SweepSetup& setup, RunnerSession& session, PointTable& points,
               BlockRunner& runner, EnergyCounter& counter, EnergyWindow window = {})
      : setup_(setup),
        session_(session),
        points_(points),
        runner_(runner),
        counter_(counter),
        window_(window) {}

  absl::StatusOr<v1::Block> Measure(const analysis::PlannedBlock& planned, int32_t batch_size,
                                    Clock::Duration time_left) override;

 private:
  absl::Status RunWindow(const PointKey& key, v1::Sample& sample);

  const SweepSetup& setup_;
  RunnerSession& session_;
  PointTable& points_;
  BlockRunner& runner_;
  EnergyCounter& counter_;
  EnergyWindow window_;
};

}  // namespace cusp::measure
