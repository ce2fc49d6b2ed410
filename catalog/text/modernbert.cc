#include <algorithm>
#include <string>

#include "catalog/builtin_models.h"
#include "catalog/quote.h"
#include "catalog/sequence/decoder.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

// With the defaults of transformers, but for what profiling changes, as in EncoderKeys.
constexpr std::array<Key, 23> kKeys = {{
    {"vocab_size", "integer", "30522", "entries of the token embedding", 4, 1e8},
    {"hidden_size", "integer", "768", "features of a token; a multiple of num_attention_heads", 1,
     1e6},
    {"num_hidden_layers", "integer", "22", "layers", 1, 1e4},
    {"num_attention_heads", "integer", "12", "attention heads of a layer, of an even size", 1, 1e5},
    {"intermediate_size", "integer", "1152",
     "features inside the feed-forward part, which has three matrices", 1, 1e7},
    {"hidden_activation", "string", R"("gelu")", "activation of the feed-forward part's gate",
     -1e300, 1e300, kActivations},
    {"max_position_embeddings", "integer", "",
     "longest input; derived from the job's longest length unless set", 1, 1e8},
    {"layer_types", "string list or null", "null",
     "full_attention or sliding_attention for each layer; null: as global_attn_every_n_layers says",
     -1e300, 1e300, "full_attention sliding_attention"},
    {"global_attn_every_n_layers", "integer", "3",
     "of so many layers the first attends to all tokens, the others within local_attention", 1,
     1e4},
    {"local_attention", "integer", "128",
     "tokens that one attends to in a sliding layer, half on each side", 2, 1048576},
    {"global_rope_theta", "number", "160000.0",
     "base of the rotary positions' wavelengths where all tokens are seen", 1.0, 1e15},
    {"local_rope_theta", "number", "10000.0", "the same in sliding layers", 1.0, 1e15},
    {"rope_parameters", "object or null", "null",
     "rope_theta and rope_type under full_attention and sliding_attention; rope_type must be "
     "'default'"},
    {"rope_scaling", "object or null", "null", "the same for both kinds at once"},
    {"norm_eps", "number", "1e-05", "added to variances", 1e-30, 1.0},
    {"norm_bias", "boolean", "false", "biases in the norms"},
    {"attention_bias", "boolean", "false", "biases in the attention's projections"},
    {"mlp_bias", "boolean", "false", "biases in the feed-forward part"},
    {"pad_token_id", "integer or null", "0", "token that marks padding", 0, 1e8},
    {"initializer_range", "number", "0.02", "standard deviation of random weights", 1e-12, 10.0},
    {"attention_dropout", "number", "0.0", "dropout on attention and its output, in training", 0.0,
     0.99},
    {"embedding_dropout", "number", "0.0", "dropout on embeddings, in training", 0.0, 0.99},
    {"mlp_dropout", "number", "0.0", "dropout inside the feed-forward part, in training", 0.0,
     0.99},
}};

// Of published files: task heads, how weights were drawn, kernels of other programs.
constexpr std::array<InertKey, 12> kInertKeys = {{
    {"classifier_activation"},
    {"classifier_bias"},
    {"classifier_pooling"},
    {"decoder_bias"},
    {"deterministic_flash_attn"},
    {"initializer_cutoff_factor"},
    {"is_decoder", "false"},
    {"layer_norm_eps"},  // norm_eps is what counts
    {"reference_compile"},
    {"repad_logits_with_grad"},
    {"sparse_pred_ignore_index"},
    {"sparse_prediction"},
}};

constexpr std::array<Size, 2> kSizes = {{
    {"modernbert-base",
     R"({"vocab_size": 50368, "max_position_embeddings": 8192, "pad_token_id": 50283})"},
    {"modernbert-large",
     R"({"vocab_size": 50368, "hidden_size": 1024, "num_hidden_layers": 28,
         "num_attention_heads": 16, "intermediate_size": 2624, "max_position_embeddings": 8192,
         "pad_token_id": 50283})"},
}};

constexpr const char* kFull = "full_attention";
constexpr const char* kSliding = "sliding_attention";

std::optional<ConfigFault> CheckLayerTypes(const ConfigCheck& check) {
  const Json& types = check.config.at("layer_types");
  const int64_t layers = Int(check.config, "num_hidden_layers");
  if (types.is_null() || static_cast<int64_t>(types.size()) == layers) {
    return std::nullopt;
  }
  return ConfigFault{"layer_types", "layer_types lists " + std::to_string(types.size()) +
                                        " kinds for " + std::to_string(layers) +
                                        " layers; give one for each layer, or null"};
}

// `rotary`, an object or null that stands under `key`, asks for rotary positions that are
// computed here.
std::optional<ConfigFault> CheckRotary(const Json& rotary, const char* key) {
  if (rotary.is_null()) {
    return std::nullopt;
  }
  for (const auto& [name, value] : rotary.items()) {
    if (name == "rope_type" || name == "type") {
      if (value != "default") {
        return ConfigFault{key,
                           name + " is " +
                               Quoted(value.is_string() ? value.get<std::string>() : value.dump()) +
                               ": wavelengths that are stretched for long contexts are not "
                               "computed; only 'default' is"};
      }
    } else if (name == "rope_theta") {
      if (!value.is_number() || value.get<double>() < 1 || value.get<double>() > 1e15) {
        return ConfigFault{key, "rope_theta must be a number from 1 to 1e15"};
      }
    } else if (name != "partial_rotary_factor" || (!value.is_null() && value != 1.0)) {
      return ConfigFault{
          key, Quoted(name) +
                   " changes the rotary positions in a way that is not computed; leave it out"};
    }
  }
  return std::nullopt;
}

std::optional<ConfigFault> CheckRotaryOfKinds(const Json& rotary) {
  if (rotary.is_null()) {
    return std::nullopt;
  }
  for (const auto& [kind, parameters] : rotary.items()) {
    if ((kind != kFull && kind != kSliding) || !parameters.is_object()) {
      return ConfigFault{"rope_parameters",
                         Quoted(kind) +
                             " is no kind of layers with an object of parameters; use "
                             "'full_attention' and 'sliding_attention'"};
    }
    if (auto fault = CheckRotary(parameters, "rope_parameters")) {
      return fault;
    }
  }
  return std::nullopt;
}

std::optional<ConfigFault> Check(const ConfigCheck& check) {
  if (auto fault = CheckHeads(check)) {
    return fault;
  }
  if (auto fault = CheckRotaryHeads(check, HeadSize(check.config))) {
    return fault;
  }
  if (auto fault = CheckPad(check)) {
    return fault;
  }
  if (auto fault = CheckLayerTypes(check)) {
    return fault;
  }
  if (auto fault = CheckRotaryOfKinds(check.config.at("rope_parameters"))) {
    return fault;
  }
  if (auto fault = CheckRotary(check.config.at("rope_scaling"), "rope_scaling")) {
    return fault;
  }
  return CheckFits(check, "local_attention");
}

// The base of one kind of layers, from wherever it was given.
double RotaryBase(const Json& config, const char* kind, const char* older_key) {
  const Json& scaling = config.at("rope_scaling");
  if (scaling.is_object() && scaling.contains("rope_theta")) {
    return Real(scaling, "rope_theta");
  }
  const Json& rotary = config.at("rope_parameters");
  if (rotary.is_object() && rotary.contains(kind) && rotary.at(kind).contains("rope_theta")) {
    return Real(rotary.at(kind), "rope_theta");
  }
  return Real(config, older_key);
}

void Finish(Json& config, bool /*profiling*/) {
  config["global_rope_theta"] = RotaryBase(config, kFull, "global_rope_theta");
  config["local_rope_theta"] = RotaryBase(config, kSliding, "local_rope_theta");
  Json& types = config["layer_types"];
  if (types.is_null()) {
    const int64_t period = Int(config, "global_attn_every_n_layers");
    for (int64_t i = 0; i < Int(config, "num_hidden_layers"); ++i) {
      types.push_back(i % period == 0 ? kFull : kSliding);
    }
  }
}

// Which kind they are of changes neither parameters nor what lies outside of them.
void SetLayers(Json& config, int64_t layers) {
  SetHiddenLayers(config, layers);
  config["layer_types"] = Json(static_cast<size_t>(layers), Json(kFull));
}

double NormParameters(const Json& config) {
  return (Flag(config, "norm_bias") ? 2 : 1) * Real(config, "hidden_size");
}

// The first layer's attention has no norm: the embeddings were normed just before.
double Parameters(const Json& config) {
  const double d = Real(config, "hidden_size");
  const double f = Real(config, "intermediate_size");
  const double inner = InnerSize(config);
  const double layers = Real(config, "num_hidden_layers");
  double layer = 4 * d * inner + 3 * d * f;
  layer += Flag(config, "attention_bias") ? 3 * inner + d : 0;
  layer += Flag(config, "mlp_bias") ? 2 * f + d : 0;
  return Real(config, "vocab_size") * d + layers * layer +
         (2 * layers + 1) * NormParameters(config);
}

double OwnParameters(const Json& config) {
  return (Real(config, "num_hidden_layers") - 1) * NormParameters(config);
}

// A block of half a window meets one and a half windows, without a fused kernel.
void SlidingCost(const Json& config, CostTally& tally) {
  const int64_t reach = Int(config, "local_attention") / 2;
  const auto block = static_cast<double>(reach);
  const int64_t blocks = RoundUp(tally.work().length, reach) / reach;
  const double count =
      tally.batch() * Real(config, "num_attention_heads") * static_cast<double>(blocks);
  const auto head_size = static_cast<double>(HeadSize(config));
  tally.Product(Component::kMixing, count, block, head_size, 3 * block);
  tally.Product(Component::kMixing, count, block, 3 * block, head_size);
}

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const double d = Real(config, "hidden_size");
  const double f = Real(config, "intermediate_size");
  const double inner = InnerSize(config);
  const double rows = tally.batch() * static_cast<double>(work.length);
  // Within reach of one another all tokens make a plain attention.
  const bool wide = work.length <= Int(config, "local_attention") / 2 + 1;
  for (const Json& type : config.at("layer_types")) {
    tally.Linear(Component::kProjection, rows, d, 3 * inner);
    if (wide || type == kFull) {
      PlainAttentionCost(config, work.length, tally);
    } else {
      SlidingCost(config, tally);
    }
    tally.Linear(Component::kProjection, rows, inner, d);
    tally.Linear(Component::kFeedForward, rows, d, 2 * f);
    tally.Linear(Component::kFeedForward, rows, f, d);
  }
}

}  // namespace

constinit const Model kModernbert = {
    .name = "modernbert",
    .what = "pre-norm encoder with rotary positions; two of three layers look at a window",
    .cost_order = "O(n^2 d / 3 + n w d + n d^2)",
    .source = "Warner et al., ModernBERT, 2024 (arXiv:2412.13663)",
    .attention_backends = true,
    .keys = kKeys,
    .inert_keys = kInertKeys,
    .sizes = kSizes,
    .lengths = kByContext,
    .rules = {.check = Check,
              .finish = Finish,
              .limits = ContextLimits,
              .parameters = Parameters,
              .cost = Cost,
              .axes = {.set_layers = SetLayers,
                       .own_parameters = OwnParameters,
                       .prune = PruneEncoder}},
};

}  // namespace cusp::catalog
