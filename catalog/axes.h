// The axes of a job: changes that apply to any model.
//
// Each is a key that every config.json may hold; one that is not there is off. What an
// axis means for a model says its AxisRules.
#pragma once

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "catalog/cost.h"
#include "catalog/model.h"

namespace cusp::catalog {

inline constexpr std::array<Key, 3> kAxisKeys = {{
    {"share_layers", "boolean", "false", "all layers use the parameters of the first"},
    {"prune", "number", "0", "fraction of attention heads and of feed-forward rows taken away", 0.0,
     0.99},
    {"checkpointing", "boolean", "false",
     "training keeps the inputs of layers alone, and computes each again in the backward pass"},
}};

// The names of the axes that `model` has.
std::vector<std::string_view> AxesOf(const Model& model);

// The first axis that `config` asks for and the model does not have, with the reason.
std::optional<ConfigFault> CheckAxes(const Model& model, const nlohmann::json& config);

// The configuration as its axis `prune` leaves it: smaller sizes, and the axis gone.
nlohmann::json Pruned(const Model& model, nlohmann::json config);

// rules.parameters and rules.cost of a model with its axes. Adds to `tally`, whose work
// it is.
double ParametersOf(const Model& model, const nlohmann::json& config);
void AddCost(const Model& model, const nlohmann::json& config, CostTally& tally);

}  // namespace cusp::catalog
