// One planner of a sweep, with the samples that it has seen.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "analysis/planner.h"
#include "cusp/v1/measurement.pb.h"
#include "worker/measure/sweep_setup.h"

namespace cusp::measure {

// What is compared: one metric at one batch size. Translates between stored
// blocks and the planner's numbers, and sums up. Not thread-safe; `setup` must
// outlive it.
class Plan {
 public:
  Plan(const SweepSetup& setup, v1::Metric metric, int32_t batch_size)
      : Plan(setup, metric, batch_size, OptionsFor(setup, metric)) {}
  // With options that differ from those of OptionsFor() in the order of work.
  Plan(const SweepSetup& setup, v1::Metric metric, int32_t batch_size,
       const analysis::PlanOptions& options);

  static analysis::PlanOptions OptionsFor(const SweepSetup& setup, v1::Metric metric);

  v1::Metric metric() const { return metric_; }
  int32_t batch_size() const { return batch_size_; }

  // True where the block holds samples of this plan.
  bool Owns(const v1::Block& block) const;

  // Counts a block that Owns() accepts; samples of unknown variants are left
  // out.
  void Add(const v1::Block& block);

  // Puts a disturbed block back: it is measured later, and not counted.
  void Discard(int64_t length);

  // As analysis::Planner.
  std::optional<analysis::PlannedBlock> Next() { return planner_.Next(); }
  int64_t BlocksLeft() const { return planner_.BlocksLeft(); }
  const std::vector<int64_t>& Grid() const { return planner_.Grid(); }

  // Blocks counted, those of them that were disturbed, and those that were put back.
  int64_t blocks() const { return blocks_; }
  int64_t disturbed() const { return disturbed_; }
  int64_t discarded() const { return discarded_; }

  // Comparisons so far, with whether each has met its stopping rule.
  struct Found {
    v1::Comparison comparison;
    bool settled = false;
  };
  std::vector<Found> Comparisons() const;

  // The same of what was recorded beside the metric, from the same blocks: nobody planned
  // for it. By metric, then comparison.
  std::vector<v1::Comparison> ComparisonsBeside() const;

  // Median and 95 % interval of each (variant, length) measured, or what
  // happened instead; by metric, variant, then length.
  std::vector<v1::Cost> Costs() const;

 private:
  struct Point {
    std::vector<double> values;
    v1::Outcome outcome = v1::OUTCOME_UNSPECIFIED;  // of what failed
    std::string failure_message;
  };

  void AddBeside(v1::Metric metric, int64_t length, const std::map<size_t, double>& costs);
  v1::Comparison Message(const analysis::ComparisonResult& result, v1::Metric metric,
                         size_t pair) const;

  const SweepSetup& setup_;
  v1::Metric metric_;
  int32_t batch_size_;
  analysis::PlanOptions options_;
  analysis::Planner planner_;
  std::set<size_t> bounded_below_;  // variants with lower bounds, which are not compared
  int64_t blocks_ = 0;
  int64_t disturbed_ = 0;
  int64_t discarded_ = 0;
  // Metric, variant, length.
  std::map<std::tuple<v1::Metric, size_t, int64_t>, Point> points_;
  // By metric, number of the pair, and length: what was recorded beside in the same blocks.
  std::map<v1::Metric, std::map<size_t, std::map<int64_t, analysis::LengthData>>> beside_;
  // By metric, length and variant: what is exact.
  std::map<v1::Metric, std::map<int64_t, std::map<size_t, double>>> exact_;
};

}  // namespace cusp::measure
