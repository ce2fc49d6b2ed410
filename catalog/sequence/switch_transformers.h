// Which layers of a Switch Transformer have experts.
#pragma once

#include <cstdint>

namespace cusp::catalog {

// Every `step`-th layer, beginning with the second, or with the first where each is one; none
// for 0.
bool IsSparse(int64_t layer, int64_t step);

}  // namespace cusp::catalog
