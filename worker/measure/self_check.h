// A baseline against itself, hidden in every sweep.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/planner.h"
#include "cusp/v1/measurement.pb.h"
#include "worker/measure/sweep_setup.h"

namespace cusp::measure {

// The first baseline runs twice in the first blocks at one length. The truth is a ratio
// of 1: a difference says that something on this machine does not cancel within a
// block. Not thread-safe; `setup` must outlive it.
class SelfCheck {
 public:
  // `grid`: the lengths that are measured first, ascending, not empty. Of them the
  // second shortest serves: it costs little, and unlike at the shortest a step is more
  // than launches.
  SelfCheck(const SweepSetup& setup, const std::vector<int64_t>& grid, int32_t batch_size);

  int64_t length() const { return length_; }
  int32_t batch_size() const { return batch_size_; }

  // More blocks with both samples would be of use.
  bool Wanting() const;

  // Puts the baseline into a block that has it, once more: at a random position, drawn
  // from the seed and the samples so far. Returns that position; nothing where the
  // block is of another length or batch size, lacks the baseline, or no more are wanted.
  std::optional<size_t> Insert(int32_t batch_size, analysis::PlannedBlock& planned) const;

  // Takes what a block holds of it; other blocks change nothing.
  void Add(const v1::Block& block);

  // What it found, as JudgeSameAgain() says; nothing from fewer than four blocks.
  std::optional<v1::SelfCheck> Result() const;

 private:
  const SweepSetup& setup_;
  int64_t length_ = 0;
  int32_t batch_size_ = 0;
  std::vector<double> ratios_;
};

}  // namespace cusp::measure
