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
  std::string_view type;           // "integer", "number", "string", "boolean", "list"
  std::string_view default_value;  // as JSON; empty: required or derived, `meaning` says
  std::string_view meaning;
};

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
};

// Every model, in a fixed order.
std::span<const Model> Models();

// nullptr where there is none of that name.
const Model* FindModel(std::string_view name);

// The known name nearest to `name` by edit distance, or empty where none is
// near enough to be a typo.
std::string NearestOf(std::string_view name, std::span<const std::string_view> known);

}  // namespace cusp::catalog
