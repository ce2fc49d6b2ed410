// What of a variant's padding a job can see.
#pragma once

#include <cstdint>

#include "cusp/v1/spec.pb.h"

namespace cusp::catalog {

// `padding` as it counts among the lengths that a job may measure: 1 where all of
// them are multiples of it. There the padded cost is as smooth as any, and curves
// with steps would cross between the measured lengths, where nobody asked.
int64_t SeenPadding(const v1::LengthSpec& lengths, int64_t padding);

}  // namespace cusp::catalog
