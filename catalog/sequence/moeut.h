// What MoEUT's two halves both need to know of its configuration.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

namespace cusp::catalog {

// Features of each head that turn with their position: an even number.
int64_t TurningFeatures(const nlohmann::json& config);

}  // namespace cusp::catalog
