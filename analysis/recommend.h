// Which variant a set of inputs calls for: expected costs, and a choice by length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/batching.h"
#include "analysis/comparison.h"
#include "analysis/cost_function.h"

namespace cusp::analysis {

// A value with its 95 % interval; both ends are the value where nothing can be said of it.
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
};

// From `from` on, until the next choice begins, `variant` is taken.
struct Choice {
  double from = 0;
  size_t variant = 0;
};

struct RecommendOptions {
  // Of the whole expected cost: what a further change of variant must save to be
  // worth its rule.
  double least_saving = 0.005;
  int resamples = kResamples;
  uint64_t seed = 1;
};

struct Recommendation {
  // Mean cost of an input by variant; infinite where some inputs don't fit into
  // memory.
  std::vector<Estimate> expected;
  // Cost of each relative to `best`, resampled together; infinite where it is.
  std::vector<Estimate> relative;
  // Cheapest for all inputs; nothing where some input fits into none of them.
  std::optional<size_t> best;
  // Ascending; the first begins at the shortest length. One where that serves all lengths
  // as well: a change is only made where it surely saves, and least_saving at least.
  std::vector<Choice> choices;
  Estimate by_choice;              // mean cost of an input when choices are followed
  std::optional<Estimate> saving;  // 1 - by_choice / best, as a share; of a `best`
};

// `lengths` are shares as LengthsRun gives them; `variants` has at least one. Costs
// are taken as they are: whoever measured batches divides. Pure and deterministic. Time
// grows with variants x lengths x resamples: Binned() keeps lengths few.
Recommendation Recommend(const std::vector<VariantCosts>& variants,
                         const std::vector<LengthCount>& lengths, const RecommendOptions& options);

}  // namespace cusp::analysis
