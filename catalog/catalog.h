// What can be profiled: the models of catalog/models.def, looked up.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/model.h"

namespace cusp::catalog {

// A published size under its name.
struct NamedConfig {
  std::string_view name;
  std::string_view model;        // model_type
  std::string_view config_json;  // keys that differ from the family's defaults
};

// Every model, in a fixed order.
std::span<const Model> Models();

// nullptr where there is none of that name.
const Model* FindModel(std::string_view name);

// tiny, small, base, large; nullptr where there is none of that name.
std::span<const Preset> Presets();
const Preset* FindPreset(std::string_view name);

// Every named size; nullptr where there is none of that name.
std::span<const NamedConfig> NamedConfigs();
const NamedConfig* FindNamedConfig(std::string_view name);

// Every name that a job file's `model` may hold: models, then named sizes.
std::vector<std::string_view> ModelNames();

// The known name nearest to `name` by edit distance, or empty where none is
// near enough to be a typo.
std::string NearestOf(std::string_view name, std::span<const std::string_view> known);

}  // namespace cusp::catalog
