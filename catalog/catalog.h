// What can be profiled: one explicit table of models, with everything the rest
// of the program must know of them without LibTorch.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace cusp::catalog {

enum class Modality { kText, kSpeech, kVision };

// One key of a model's config.json.
struct Key {
  std::string_view name;
  std::string_view type;           // "integer", "number", "string", "boolean", "list",
                                   // "integer or list", "integer or null"
  std::string_view default_value;  // as JSON; empty: required or derived, `meaning` says
  std::string_view meaning;
  // Numbers, and each number of a list, lie within these.
  double low = -1e300;
  double high = 1e300;
  // Texts are one of these, separated by spaces; empty: any.
  std::string_view choices = "";
};

struct ModelRules;  // catalog/model_rules.h

// One model_type.
struct Model {
  std::string_view name;  // model_type
  Modality modality;
  std::string_view what;        // one line
  std::string_view cost_order;  // "O(n^2 d)"
  std::string_view source;      // paper
  bool inference;
  bool training;
  bool decode;
  bool attention_backends;  // plain softmax attention: eager, sdpa, … can be chosen
  std::span<const Key> keys;
  std::string_view padding;  // what inputs are padded to, for people
  std::string_view lengths;  // which lengths it takes and why, for people
  const ModelRules* rules;
};

// A shape that every model of a job can share.
struct Preset {
  std::string_view name;
  int64_t num_hidden_layers;
  int64_t hidden_size;
  int64_t num_attention_heads;
  int64_t intermediate_size;
};

// A published size of a model, with a name of its own.
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
