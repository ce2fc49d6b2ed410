// What the program knows of one model without LibTorch: names, keys, lengths,
// sizes and costs.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "catalog/cost.h"

namespace cusp::catalog {

enum class Modality { kText, kSpeech, kVision };

// One key of a model's config.json.
struct Key {
  std::string_view name;
  // "integer", "number", "string", "boolean"; "… or null"; "integer or list";
  // "integer list", "number list", "string list"; "object".
  std::string_view type;
  std::string_view default_value;  // as JSON; empty: required or derived, `meaning` says
  std::string_view meaning;
  // Numbers, and each number of a list, lie within these.
  double low = -1e300;
  double high = 1e300;
  // Texts are one of these, separated by spaces; empty: any.
  std::string_view choices = "";
};

// A key of published config.json files that does not change what is computed
// here. Where `value` (JSON) is set, only that value and null do not.
struct InertKey {
  std::string_view name;
  std::string_view value = "";
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
struct Size {
  std::string_view name;
  std::string_view config_json;  // keys that differ from the family's defaults
};

struct Model;

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
  const Model& model;
  const nlohmann::json& config;  // every key but derived ones
  const nlohmann::json& given;   // what the user says
  int64_t longest;               // the longest length it is meant for
  // Lengths vary and costs are compared; else one pass, as the reference does it.
  bool profiling;
};

// The neutral rules.
std::optional<ConfigFault> NoFault(const ConfigCheck& check);
int64_t NoPadding(const nlohmann::json& config);
int64_t NoSlack(const nlohmann::json& config);
int64_t OnePositionEach(const nlohmann::json& config, int64_t length);
int64_t OneTokenEach(const nlohmann::json& config, int64_t length);
void NothingToFinish(nlohmann::json& config, bool profiling);
// num_hidden_layers, hidden_size, num_attention_heads, intermediate_size.
void UsualShape(const Preset& preset, nlohmann::json& config);

// A fraction of a model's heads and feed-forward rows, to be taken away.
struct Pruning {
  double fraction = 0;

  // What is left of `heads`: whole ones, at least 1.
  int64_t Heads(int64_t heads) const;
  // What is left of a feed-forward part's `rows`: a multiple of 8, which matrix products
  // want, unless there were fewer.
  int64_t Rows(int64_t rows) const;
};

// What the axes of a job (catalog/axes.h) mean for a model. Without the function that it
// needs, an axis is refused.
struct AxisRules {
  // Makes `config` that of a model with so many layers of each kind, alike otherwise.
  // share_layers counts the parameters of 1, checkpointing the cost outside of layers with 0.
  void (*set_layers)(nlohmann::json& config, int64_t layers) = nullptr;
  // Parameters that share_layers leaves to single layers, since the first has none of that
  // name. Null: there are none.
  double (*own_parameters)(const nlohmann::json& config) = nullptr;
  // Makes the numbers of heads and rows smaller; the size of a head stays.
  void (*prune)(nlohmann::json& config, const Pruning& pruning) = nullptr;
  // Why an axis does not apply, though set_layers is there.
  std::string_view no_share_layers = "";
  std::string_view no_checkpointing = "";
};

// num_hidden_layers.
void SetHiddenLayers(nlohmann::json& config, int64_t layers);

// What follows from a configuration, for each model. `config` is complete and
// well-typed.
struct ModelRules {
  // First fault that no single key shows: values that do not go together.
  std::optional<ConfigFault> (*check)(const ConfigCheck& check) = NoFault;
  // Takes over a preset's shape under the names that the model has for it.
  void (*shape)(const Preset& preset, nlohmann::json& config) = UsualShape;
  // Inputs are padded to multiples of it, in the modality's unit.
  int64_t (*quantum)(const nlohmann::json& config) = NoPadding;
  // How far beyond a multiple of it an input may go before it is padded to the next.
  int64_t (*slack)(const nlohmann::json& config) = NoSlack;
  // max_position_embeddings that inputs of `length` need; not asked where the
  // model has no such key.
  int64_t (*positions_for)(const nlohmann::json& config, int64_t length) = OnePositionEach;
  // Brings derived keys into their final form.
  void (*finish)(nlohmann::json& config, bool profiling) = NothingToFinish;
  // Lengths it takes, and why no others. Always set.
  LengthLimits (*limits)(const nlohmann::json& config, bool profiling) = nullptr;
  // Number of parameters, as a double because hostile shapes overflow integers.
  // Always set.
  double (*parameters)(const nlohmann::json& config) = nullptr;
  // Tokens that an input of `length` (in the modality's unit) becomes.
  int64_t (*tokens)(const nlohmann::json& config, int64_t length) = OneTokenEach;
  // Every matrix product and convolution of one forward pass. Always set.
  void (*cost)(const nlohmann::json& config, const Workload& work, CostTally& tally) = nullptr;
  // The same of one decoding step: one token of each sequence after work.length others,
  // which are cached. Set where the model decodes.
  void (*decode_cost)(const nlohmann::json& config, const Workload& work,
                      CostTally& tally) = nullptr;
  AxisRules axes = {};
};

// One model_type: a row of catalog/models.def, described beside its rules.
struct Model {
  std::string_view name;  // model_type
  Modality modality = Modality::kText;
  std::string_view what;        // one line
  std::string_view cost_order;  // "O(n^2 d)"
  std::string_view source;      // paper
  bool inference = true;
  bool training = true;
  bool decode = false;
  bool attention_backends = false;  // plain softmax attention: eager, sdpa, … can be chosen
  std::span<const Key> keys = {};
  std::span<const InertKey> inert_keys = {};  // besides those of all models
  std::span<const Size> sizes = {};
  std::string_view padding = "none";  // what inputs are padded to, for people
  std::string_view lengths;           // which lengths it takes and why, for people
  ModelRules rules = {};
};

}  // namespace cusp::catalog
