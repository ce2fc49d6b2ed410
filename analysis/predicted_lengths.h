// Changes of order that the measured lengths can't show, because costs with
// padding jump between them.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/comparison_view.h"

namespace cusp::analysis {

// Curves that know the padding, fitted to the ratios, may change their order and change it back.
// Of each stretch of lengths in which, within twice their error, they may differ by more than
// counts as equal in another order than at the sure lengths around: the length where they do so
// most clearly, until it is sure, equal, or has had the blocks that it is worth. The clearest
// three, in no order. Empty for smooth costs.
std::vector<int64_t> PredictedLengths(const ComparisonView& view);

}  // namespace cusp::analysis
