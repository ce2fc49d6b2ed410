// Changes of order that fitted curves see between sure lengths and signs do not.
#pragma once

#include <cstddef>
#include <vector>

#include "analysis/comparison.h"
#include "analysis/cost_fit.h"
#include "analysis/crossings.h"

namespace cusp::analysis {

// A stretch of lengths in which the order is another than at the sure lengths on both sides.
struct HiddenStretch {
  size_t crossing = 0;  // the one that it is close to, as an index
  bool behind = false;  // it, and not before it
  double low = 0;       // where the order changes, and changes back
  double high = 0;
  double sure_before = 0;  // the sure lengths around
  double sure_after = 0;
};

// Where costs jump, the order may change back for a stretch that holds no sure sign. Those
// are found that lie close to a crossing, in which the curves' log-ratio exceeds
// `equal_within`, and that hold a multiple of the greatest common divisor of all measured
// lengths: between those nobody asks. What is said of the crossing must hold for them too.
// `brackets` are those of `crossings`; all ascend.
std::vector<HiddenStretch> FindHidden(const std::vector<Crossing>& crossings,
                                      const std::vector<Bracket>& brackets,
                                      const std::vector<LengthSummary>& summaries,
                                      const CostCurve& baseline, const CostCurve& candidate,
                                      double equal_within);

}  // namespace cusp::analysis
