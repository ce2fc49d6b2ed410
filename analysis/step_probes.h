// Where steps of costs that nobody declared would show.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/comparison_view.h"

namespace cusp::analysis {

struct StepProbe {
  int64_t length = 0;
  int64_t blocks = 0;  // that are still lacking
};

// Two pairs of neighbouring lengths around crossing `index`, a multiple of all tiles up to
// 512 that matter there and the next length after it, each with as many blocks as show a
// jump that would move the crossing by a third of the wanted precision (16 at most): without
// them a grid of such multiples looks as smooth as any. Empty where both pad as declared,
// where memory ends, and once all have their blocks.
std::vector<StepProbe> StepProbes(const ComparisonView& view, size_t index);

}  // namespace cusp::analysis
