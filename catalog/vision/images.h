// What models that read images share: their inputs' sides and patches.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "catalog/cost.h"
#include "catalog/model.h"

namespace cusp::catalog {

inline constexpr std::string_view kImageLengths =
    "1 to 32768 pixels of image side; shorter than a patch is padded to one";

// Published files of models that read images; what belongs to heads and to the
// masked pre-training alone.
inline constexpr InertKey kImageInertKeys[] = {InertKey{"encoder_stride"}, InertKey{"pooler_act"},
                                               InertKey{"pooler_output_size"}};

// The table of positions holds at least one patch.
std::optional<ConfigFault> CheckPatch(const ConfigCheck& check);

// 1 to 32768 pixels a side.
LengthLimits ImageLimits(const nlohmann::json& config, bool profiling);

// Patches along a side of `pixels`, the last filled up where it is not whole.
int64_t PatchesAlong(const nlohmann::json& config, int64_t pixels);

// The convolution that makes patches of a square image, `features` each: one product
// over every pixel of the patches. Pixels have no gradient.
void PatchCost(const nlohmann::json& config, int64_t pixels, double features, CostTally& tally);

// Weights and biases of that convolution.
double PatchParameters(const nlohmann::json& config, double features);

}  // namespace cusp::catalog
