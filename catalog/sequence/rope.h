// Rotary positions as a config.json states them: rope_parameters, or rope_scaling
// in files of older versions.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "catalog/model.h"

namespace cusp::catalog {

inline constexpr std::array<Key, 5> kRopeKeys = {{
    {"rope_theta", "number", "10000.0", "base of the rotary positions' wavelengths", 1.0, 1e15},
    {"rope_parameters", "object or null", "null",
     "rope_theta and how wavelengths are stretched over long inputs: rope_type 'default', "
     "'linear', "
     "'dynamic', 'yarn', 'longrope', 'llama3' or 'proportional', with the values that it takes"},
    {"rope_scaling", "object or null", "null",
     "older name of rope_parameters, which counts where both are there"},
    {"original_max_position_embeddings", "integer or null", "null",
     "tokens of an input in pretraining, of 'yarn', 'longrope' and 'llama3', which may name it "
     "themselves; null: max_position_embeddings",
     2, 1e8},
    {"partial_rotary_factor", "number or null", "null",
     "part of a head that turns, of 'proportional', which may name it itself; null: 1", 0.0, 1.0},
}};

// The first fault of these keys, for heads of `head_size` features.
std::optional<ConfigFault> CheckRope(const nlohmann::json& config, int64_t head_size);

// All of it goes into rope_parameters, with every value that its rope_type reads; rope_theta
// becomes its base, and rope_scaling null.
void FinishRope(nlohmann::json& config);

// Tokens of the longest input: max_position_embeddings, which 'dynamic' stretches.
int64_t RopeReach(const nlohmann::json& config);

}  // namespace cusp::catalog
