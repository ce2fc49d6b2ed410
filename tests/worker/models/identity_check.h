// What must come out the same by whatever way it is computed.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "worker/models/model.h"

namespace cusp::models {

// The model of `config` decodes in pieces of these sizes, all together `tokens`, what it gives
// for the whole sequence, to 1e-9 in float64.
void ExpectPiecesEqualTheWhole(const nlohmann::json& config, int64_t tokens,
                               const std::vector<std::vector<int64_t>>& cuts);

// Every attention kernel that a CPU has gives what eager attention gives.
void ExpectEveryBackendAgrees(const nlohmann::json& config, const Inputs& inputs);

}  // namespace cusp::models
