// A model's formulas against what is built and run.
#pragma once

#include <nlohmann/json.hpp>

namespace cusp::models {

// FLOPs and bytes agree with what LibTorch was seen to multiply within 1 %, in inference
// and training, at lengths that are no multiple of anything.
void ExpectCostsAsCounted(const nlohmann::json& config);

// The same of one step of a model that decodes, with is_decoder if it has that, after contexts of
// several lengths.
void ExpectDecodeCostsAsCounted(nlohmann::json config);

// The number of parameters agrees with those built.
void ExpectParametersAsBuilt(const nlohmann::json& config);

}  // namespace cusp::models
