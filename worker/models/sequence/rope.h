// Rotary positions as the catalog completes them (catalog/sequence/rope.h).
#pragma once

#include "worker/models/config.h"
#include "worker/models/layers/rotary_frequencies.h"

namespace cusp::models {

// Of `rope_parameters`, in which nothing is left open; rope_theta is a key of its own.
RotaryScaling RotaryScalingOf(const Config& config);

}  // namespace cusp::models
