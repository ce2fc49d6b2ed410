// Complete configurations of models, for tests.
#pragma once

#include <string_view>

#include "catalog/catalog.h"
#include "catalog/config.h"

namespace cusp::catalog {

// Of a model's whole config.json, for lengths up to 64.
inline ConfigOutcome Complete(std::string_view model, std::string_view config) {
  ConfigRequest request;
  request.model = FindModel(model);
  request.base_json = config;
  request.longest_length = 64;
  return CompleteConfigOf(request);
}

// Parameters of a published size.
inline double ParametersOf(std::string_view size) {
  const NamedConfig* named = FindNamedConfig(size);
  return Complete(named->model, named->config_json).config.parameters;
}

}  // namespace cusp::catalog
