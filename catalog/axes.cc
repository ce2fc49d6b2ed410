#include "catalog/axes.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

bool IsOn(const Json& config, std::string_view axis) {
  const auto value = config.find(axis);
  return value != config.end() && *value != false && *value != 0;
}

// Empty where the model has the axis; else why not.
std::string_view WhyNot(const Model& model, std::string_view axis) {
  const AxisRules& rules = model.rules.axes;
  const bool known = axis == "prune" ? rules.prune != nullptr : rules.set_layers != nullptr;
  if (!known) {
    return "this version does not build the model with it";
  }
  if (axis == "share_layers") {
    return rules.no_share_layers;
  }
  return axis == "prune" ? std::string_view() : rules.no_checkpointing;
}

// Fractions such as 0.3 have no exact binary form; what is a whole number but for that is
// one.
int64_t Part(double fraction, int64_t count) {
  return static_cast<int64_t>(std::floor(fraction * static_cast<double>(count) + 1e-6));
}

}  // namespace

int64_t Pruning::Heads(int64_t heads) const {
  return std::max<int64_t>(1, heads - Part(fraction, heads));
}

int64_t Pruning::Rows(int64_t rows) const {
  constexpr int64_t kMultiple = 8;
  const int64_t left = std::max<int64_t>(1, rows - Part(fraction, rows));
  return std::min(rows, (left + kMultiple - 1) / kMultiple * kMultiple);
}

std::vector<std::string_view> AxesOf(const Model& model) {
  std::vector<std::string_view> axes;
  for (const Key& key : kAxisKeys) {
    if (WhyNot(model, key.name).empty()) {
      axes.push_back(key.name);
    }
  }
  return axes;
}

std::optional<ConfigFault> CheckAxes(const Model& model, const Json& config) {
  for (const Key& key : kAxisKeys) {
    if (!IsOn(config, key.name)) {
      continue;
    }
    if (const std::string_view reason = WhyNot(model, key.name); !reason.empty()) {
      const std::string axis(key.name);
      return ConfigFault{axis, axis + " does not apply to " + std::string(model.name) + ": " +
                                   std::string(reason) + "; leave it out"};
    }
  }
  return std::nullopt;
}

Json Pruned(const Model& model, Json config) {
  if (IsOn(config, "prune")) {
    model.rules.axes.prune(config, {.fraction = config.at("prune").get<double>()});
  }
  config.erase("prune");
  return config;
}

double ParametersOf(const Model& model, const Json& config) {
  Json left = Pruned(model, config);
  if (!IsOn(config, "share_layers")) {
    return model.rules.parameters(left);
  }
  const AxisRules& rules = model.rules.axes;
  const double own = rules.own_parameters == nullptr ? 0 : rules.own_parameters(left);
  rules.set_layers(left, 1);
  return model.rules.parameters(left) + own;
}

void AddCost(const Model& model, const Json& config, CostTally& tally) {
  Json left = Pruned(model, config);
  model.rules.cost(left, tally.work(), tally);
  if (tally.work().pass == Pass::kInference || !IsOn(config, "checkpointing")) {
    return;
  }
  // The layers run forward once more, as training runs them.
  Workload forward = tally.work();
  forward.forward_only = true;
  CostTally whole(forward);
  model.rules.cost(left, forward, whole);
  model.rules.axes.set_layers(left, 0);
  CostTally outside(forward);
  model.rules.cost(left, forward, outside);
  tally.Add(whole, 1);
  tally.Add(outside, -1);
}

}  // namespace cusp::catalog
