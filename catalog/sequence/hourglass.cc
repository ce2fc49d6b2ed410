#include <algorithm>

#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys = Join(
    Without(EncoderKeys({.is_decoder = "true"}), std::array<std::string_view, 1>{{
                                                     "num_hidden_layers",
                                                 }}),
    std::array<Key, 5>{
        {{"pre_layers", "integer", "2", "layers over all tokens before shortening", 0, 1e4},
         {"shortened_layers", "integer", "8", "layers over the shortened sequence", 1, 1e4},
         {"shorten_factor", "integer", "3", "tokens that become one", 1, 65536},
         {"post_layers", "integer", "2", "layers over all tokens at the end", 0, 1e4},
         {"resampling", "string", R"("linear")",
          "how tokens become one and one becomes many: a matrix each, means and repetition, or "
          "attention from means and to groups",
          -1e300, 1e300, "linear average attention"}}});

// A sixth of the layers before, another after.
void Shape(const Preset& preset, Json& config) {
  const int64_t outer = std::max<int64_t>(1, preset.num_hidden_layers / 6);
  config["hidden_size"] = preset.hidden_size;
  config["num_attention_heads"] = preset.num_attention_heads;
  config["intermediate_size"] = preset.intermediate_size;
  config["pre_layers"] = outer;
  config["shortened_layers"] = std::max<int64_t>(1, preset.num_hidden_layers - 2 * outer);
  config["post_layers"] = outer;
}

std::optional<ConfigFault> Check(const ConfigCheck& check) {
  if (auto fault = CheckCausalEncoder(check)) {
    return fault;
  }
  return CheckFits(check, "shorten_factor");
}

// Layers of each of the three stacks.
void SetLayers(Json& config, int64_t layers) {
  for (const char* stack : {"pre_layers", "shortened_layers", "post_layers"}) {
    config[stack] = std::min(layers, Int(config, stack));
  }
}

int64_t Factor(const Json& config) { return Int(config, "shorten_factor"); }

double Parameters(const Json& config) {
  const double d = Real(config, "hidden_size");
  const double factor = Real(config, "shorten_factor");
  const double layer = EncoderLayerParameters(config);
  const double layers =
      Real(config, "pre_layers") + Real(config, "shortened_layers") + Real(config, "post_layers");
  double resampling = 0;
  if (config.at("resampling") == "linear") {
    resampling = (factor * d + 1) * d + (d + 1) * factor * d;
  } else if (config.at("resampling") == "attention") {
    // Two blocks, each with a norm of its source, and the matrix back.
    resampling = 2 * (layer + 2 * d) + (d + 1) * factor * d;
  }
  return EmbeddingParameters(config) + layers * layer + resampling + 2 * d;
}

void StackCost(const Json& config, const char* layers, int64_t tokens, CostTally& tally) {
  const double rows = tally.batch() * static_cast<double>(tokens);
  for (int64_t layer = 0; layer < Int(config, layers); ++layer) {
    ProjectionCost(config, rows, tally);
    PlainAttentionCost(config, tokens, tally);
    FeedForwardCost(config, rows, tally);
  }
}

// A block in which `queries` tokens attend to `keys` others.
void ResamplingCost(const Json& config, double queries, double keys, CostTally& tally) {
  const double d = Real(config, "hidden_size");
  const double heads = Real(config, "num_attention_heads");
  const double inner = InnerSize(config);
  for (const double tokens : {queries, keys, keys}) {
    tally.Linear(Component::kProjection, tally.batch() * tokens, d, inner);
  }
  tally.Attention(tally.batch() * heads, queries, keys, inner / heads, inner / heads);
  tally.Linear(Component::kProjection, tally.batch() * queries, inner, d);
  FeedForwardCost(config, tally.batch() * queries, tally);
}

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const double d = Real(config, "hidden_size");
  const double factor = Real(config, "shorten_factor");
  const int64_t tokens = work.length;
  const int64_t groups = RoundUp(tokens, Factor(config)) / Factor(config);
  const double rows = tally.batch() * static_cast<double>(groups);
  StackCost(config, "pre_layers", tokens, tally);
  StackCost(config, "shortened_layers", groups, tally);
  StackCost(config, "post_layers", tokens, tally);
  if (config.at("resampling") == "linear") {
    tally.Linear(Component::kOther, rows, factor * d, d);
  }
  if (config.at("resampling") != "average") {
    tally.Linear(Component::kOther, rows, d, factor * d);
  }
  if (config.at("resampling") == "attention") {
    ResamplingCost(config, static_cast<double>(groups), static_cast<double>(tokens), tally);
    ResamplingCost(config, static_cast<double>(tokens), static_cast<double>(groups), tally);
  }
}

void StackStepCost(const Json& config, const char* layers, int64_t keys, CostTally& tally) {
  for (int64_t layer = 0; layer < Int(config, layers); ++layer) {
    ProjectionCost(config, tally.batch(), tally);
    CachedAttentionCost(config, keys, tally);
    FeedForwardCost(config, tally.batch(), tally);
  }
}

// One token of a block that attends to `keys` cached others: query and output.
void ResamplingStepCost(const Json& config, int64_t keys, CostTally& tally) {
  const double d = Real(config, "hidden_size");
  tally.Linear(Component::kProjection, tally.batch(), d, InnerSize(config));
  CachedAttentionCost(config, keys, tally);
  tally.Linear(Component::kProjection, tally.batch(), InnerSize(config), d);
  FeedForwardCost(config, tally.batch(), tally);
}

// Key and value of one token.
void ReadingCost(const Json& config, CostTally& tally) {
  for (int i = 0; i < 2; ++i) {
    tally.Linear(Component::kProjection, tally.batch(), Real(config, "hidden_size"),
                 InnerSize(config));
  }
}

// A group's vector is made at its last token, and the shortened layers run then alone:
// one step in shorten_factor.
void DecodeCost(const Json& config, const Workload& work, CostTally& tally) {
  const double d = Real(config, "hidden_size");
  const double factor = Real(config, "shorten_factor");
  const bool complete = work.length % Factor(config) == 0;
  const int64_t groups = work.length / Factor(config) + 1;
  const bool attends = config.at("resampling") == "attention";
  StackStepCost(config, "pre_layers", work.length + 1, tally);
  if (attends) {
    ReadingCost(config, tally);
  }
  if (complete) {
    if (config.at("resampling") == "linear") {
      tally.Linear(Component::kOther, tally.batch(), factor * d, d);
    }
    if (attends) {
      ResamplingStepCost(config, work.length + 1, tally);
      ReadingCost(config, tally);
    }
    StackStepCost(config, "shortened_layers", groups, tally);
    if (config.at("resampling") != "average") {
      tally.Linear(Component::kOther, tally.batch(), d, factor * d);
    }
  }
  if (attends) {
    ResamplingStepCost(config, groups, tally);
  }
  StackStepCost(config, "post_layers", work.length + 1, tally);
}

}  // namespace

constinit const Model kHourglass = {
    .name = "hourglass",
    .what = "causal layers, most of which run over a shortened sequence",
    .cost_order = "O(n^2 d + n d^2)",
    .source =
        "Nawrot et al., Hierarchical Transformers Are More Efficient Language Models, 2021 "
        "(arXiv:2110.13711)",
    .decode = true,
    .attention_backends = true,
    .keys = kKeys,
    .padding = "to a multiple of shorten_factor, of the shortened sequence's tokens alone",
    .lengths = kByPositions,
    .rules = {.check = Check,
              .shape = Shape,
              .quantum = Factor,
              .limits = EncoderLimits,
              .parameters = Parameters,
              .cost = Cost,
              .decode_cost = DecodeCost,
              .axes = {.set_layers = SetLayers, .prune = PruneEncoder}},
};

}  // namespace cusp::catalog
