// Decides what to measure next. Fed with numbers alone, so it is tested without
// clock, process or device, and replays stored blocks to the same decisions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/comparison.h"

namespace cusp::analysis {

struct PlanOptions {
  // Of each variant.
  std::vector<Padding> paddings;
  // (baseline, candidate), as indices into paddings.
  std::vector<std::pair<size_t, size_t>> comparisons;
  int64_t min_length = 0;
  int64_t max_length = 0;
  // Measured lengths are multiples of it; 0: derived per comparison.
  int64_t quantum = 0;
  // When not empty, exactly these lengths.
  std::vector<int64_t> list;
  // Wanted relative half-width of each tipping point's interval.
  double precision = 0.05;
  // One measurement of a point is enough (peak memory).
  bool exact = false;
  double resolution = 0;  // see CompareOptions
  int min_blocks = 4;
  int max_blocks = 100;
  // See CompareOptions: blocks from which a huge effect is decided.
  int early_blocks = 3;
  int resamples = kResamples;
  // Notes tell lengths in units of so many: 16,000 samples in a second.
  int64_t per_unit = 1;
  uint64_t seed = 1;
  // Every length gets its first blocks after all shorter ones have theirs, where the time is
  // known not to reach for all. Else lengths take turns in a random order, the ends first.
  bool shortest_first = false;
};

// Variants to run once each at one length, in this (randomised) order.
struct PlannedBlock {
  int64_t length = 0;
  std::vector<size_t> variants;
};

// Cost of one variant in a block. Infinity: out of memory. NaN: failed for
// good; the variant is not planned at this length again.
struct VariantCost {
  size_t variant = 0;
  double cost = 0;
};

struct MeasuredBlock {
  int64_t length = 0;
  std::vector<VariantCost> costs;
};

// State of one comparison, for progress and for the result.
struct ComparisonStatus {
  ComparisonResult result;
  bool settled = false;  // its stopping rule is met
  std::string note;      // which rule ended it, or what is still lacking
};

// Not thread-safe. Deterministic: the same options and the same sequence of
// Add() and Postpone() give the same Next().
class Planner {
 public:
  explicit Planner(PlanOptions options);
  ~Planner();
  Planner(const Planner&) = delete;
  Planner& operator=(const Planner&) = delete;

  // Takes a finished block, planned by Next() or committed by an earlier
  // attempt.
  void Add(const MeasuredBlock& block);

  // A block at this length was disturbed and is not counted. It is planned again,
  // but after a few blocks at other lengths, as far as these want any: what
  // disturbed it may last.
  void Postpone(int64_t length);

  // The next block, or nothing when every comparison is settled or at its
  // limit of blocks. Does not change until Add() or Postpone().
  std::optional<PlannedBlock> Next();

  // The grid that is measured first, ascending; the same for all comparisons.
  const std::vector<int64_t>& Grid() const;

  // One for each of options.comparisons, from the data so far.
  std::vector<ComparisonStatus> Status() const;

  // Estimated blocks still to come.
  int64_t BlocksLeft() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cusp::analysis
