// Single keys of a config.json against the keys of its model.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "catalog/catalog.h"

namespace cusp::catalog {

// Empty where `value` has the key's type and lies in its range; else the fault, with
// the good values.
std::string FaultOfValue(const Key& key, const nlohmann::json& value);

// The row of `name`, which may be an axis, or nullptr.
const Key* FindKey(const Model& model, const std::string& name);

// Empty where `name` may hold `value`: a key of the model with a value of its
// type and range, or one of published files that changes nothing here. Else the
// fault, with the nearest key or the good values.
std::string FaultOfKey(const Model& model, const std::string& name, const nlohmann::json& value);

}  // namespace cusp::catalog
