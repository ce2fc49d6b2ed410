// What the Scaling Transformer's two halves both need to know.
#pragma once

#include <cstdint>

namespace cusp::catalog {

// Whether a multiplicative layer over `rows` tokens, whose modules have `width` features,
// writes out the matrix it stands for: from there on that is less than each module's own
// copy of every token.
bool WritesMatrixOut(int64_t rows, int64_t width);

}  // namespace cusp::catalog
