// The one-word answer of a comparison, and its two prominent crossings.
#pragma once

#include <vector>

#include "analysis/comparison.h"
#include "analysis/crossings.h"

namespace cusp::analysis {

// Sets verdict, first and persistent from the crossings already in `result`.
// `always` and `never` need both ends of the range to be sure. Being equal is
// not being cheaper, so equal ends allow `never`; where numbers are true
// to the last digit (`may_touch`) a touch at an end does not take `always` away.
void Conclude(const std::vector<LengthSummary>& summaries, bool may_touch,
              ComparisonResult& result);

}  // namespace cusp::analysis
