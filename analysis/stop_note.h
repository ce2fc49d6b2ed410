// One sentence for people: why measuring ended, or what is still lacking.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/refine.h"

namespace cusp::analysis {

// `limited`: lengths that stay unsure although no more may be measured there.
std::string StopNote(const ComparisonResult& result, const std::vector<Wish>& wishes,
                     const std::vector<int64_t>& limited, const RefineOptions& options);

}  // namespace cusp::analysis
