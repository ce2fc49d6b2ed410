// Complete configurations of models, for tests.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "catalog/catalog.h"
#include "catalog/config.h"

namespace cusp::catalog {

// What a request says besides the model and its keys.
struct Completion {
  std::string_view preset = "";  // none: the family's own shape
  int64_t longest_length = 64;
  bool extend_positions = false;
  bool profiling = true;
};

// Of a model's config.json, or some of its keys.
inline ConfigOutcome Complete(std::string_view model, std::string_view config,
                              const Completion& completion = {}) {
  ConfigRequest request;
  request.model = FindModel(model);
  request.preset = FindPreset(completion.preset);
  request.base_json = config;
  request.longest_length = completion.longest_length;
  request.extend_positions = completion.extend_positions;
  request.profiling = completion.profiling;
  return CompleteConfigOf(request);
}

inline nlohmann::json Parsed(const ConfigOutcome& outcome) {
  return nlohmann::json::parse(outcome.config.json, nullptr, false);
}

// Where nothing is at fault.
inline nlohmann::json Completed(std::string_view model, std::string_view config,
                                const Completion& completion = {}) {
  const ConfigOutcome outcome = Complete(model, config, completion);
  EXPECT_THAT(outcome.faults, ::testing::IsEmpty()) << model << " " << config;
  return Parsed(outcome);
}

// Of a published size.
inline CompleteConfig CompleteSize(std::string_view size) {
  const NamedConfig* named = FindNamedConfig(size);
  return Complete(named->model, named->config_json).config;
}

inline double ParametersOf(std::string_view size) { return CompleteSize(size).parameters; }

}  // namespace cusp::catalog
