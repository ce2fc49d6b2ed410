// What follows from a configuration, for each family of models: functions that
// need arithmetic, beside the table that needs none.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace cusp::catalog {

// A fault of a configuration. `key` may be empty: the whole of it.
struct ConfigFault {
  std::string key;
  std::string message;  // value and remedy
};

// Input lengths that a configuration takes, in the modality's unit.
struct LengthLimits {
  int64_t min = 1;
  std::string min_reason = "";  // set where min > 1
  int64_t max = 0;
  std::string max_reason = "";
};

// A configuration under examination. Every value of both objects has the type
// and lies in the range of its Key.
struct ConfigCheck {
  const nlohmann::json& config;  // every key but derived ones
  const nlohmann::json& given;   // what the job itself says
  int64_t longest;               // the job's longest length
};

// One set for each family, all members set. `config` is complete and well-typed.
struct ModelRules {
  // First fault that no single key shows: values that do not go together.
  std::optional<ConfigFault> (*check)(const ConfigCheck& check);
  // Inputs are padded to multiples of it.
  int64_t (*quantum)(const nlohmann::json& config);
  // max_position_embeddings that inputs of `length` need.
  int64_t (*positions_for)(const nlohmann::json& config, int64_t length);
  // Brings derived keys into their final form.
  void (*finish)(nlohmann::json& config);
  // Lengths it takes, and why no others.
  LengthLimits (*limits)(const nlohmann::json& config);
  // Number of parameters, as a double because hostile shapes overflow integers.
  double (*parameters)(const nlohmann::json& config);
};

}  // namespace cusp::catalog
