// Where to probe costs that do not vary, such as peak memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/comparison_view.h"

namespace cusp::analysis {

// Lengths whose probes narrow the bracket of crossing `index`: interpolation
// lands on the crossing of smooth costs in a few probes; costs with steps are
// left to bisection. Empty where the bracket is one step.
std::vector<int64_t> ExactProbes(const ComparisonView& view, size_t index);

}  // namespace cusp::analysis
