// Measuring close to a crossing: whether it has been done, and where to go on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/comparison_view.h"

namespace cusp::analysis {

// True where crossing `index` is known as well as is wanted, or as is possible.
bool IsPrecise(const ComparisonView& view, size_t index);

// At most one length on each side of crossing `index`, from which the next block
// teaches most: far enough from it for a sure sign, near enough for a narrow
// bracket. Empty where nothing more may be measured.
std::vector<int64_t> LengthsBeside(const ComparisonView& view, size_t index);

}  // namespace cusp::analysis
