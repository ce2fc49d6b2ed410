// Changes of order that the measured lengths can't show, because costs with
// padding jump between them.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/comparison_view.h"

namespace cusp::analysis {

// Where curves that know the padding change their order and the signs so far do
// not show it: both sides of the jump, unless looked at. Empty for smooth costs.
std::vector<int64_t> PredictedLengths(const ComparisonView& view);

}  // namespace cusp::analysis
