#include "catalog/text/funnel.h"

#include <algorithm>
#include <string>
#include <vector>

#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr std::array<Key, 21> kKeys = {{
    {"vocab_size", "integer", "30522", "entries of the token embedding", 4, 1e8},
    {"block_sizes", "integer list", "[4, 4, 4]",
     "layers of each block; all but the first begin by pooling", 1, 1e4},
    {"block_repeats", "integer list or null", "null",
     "times that each layer of a block runs in turn; null: once", 1, 1e3},
    {"num_decoder_layers", "integer", "2", "layers over the upsampled sequence", 0, 1e4},
    {"d_model", "integer", "768", "features of a token, even", 2, 1e6},
    {"n_head", "integer", "12", "attention heads of a layer", 1, 1e5},
    {"d_head", "integer", "64", "features of a head", 1, 1e5},
    {"d_inner", "integer", "3072", "features inside the feed-forward part", 1, 1e7},
    {"hidden_act", "string", R"("gelu_new")", "activation of the feed-forward part", -1e300, 1e300,
     kActivations},
    {"pooling_type", "string", R"("mean")", "what stands for two tokens", -1e300, 1e300,
     "mean max"},
    {"attention_type", "string", R"("relative_shift")",
     "how scores of distances are computed: from all of them, or as products of waves (n d more "
     "of each head)",
     -1e300, 1e300, "relative_shift factorized"},
    {"separate_cls", "boolean", "true", "the first token is not pooled and has no position"},
    {"truncate_seq", "boolean", "true", "with separate_cls, pooling leaves out the last token"},
    {"pool_q_only", "boolean", "true", "pooled queries meet keys that are not yet pooled"},
    {"layer_norm_eps", "number", "1e-09", "added to variances", 1e-30, 1.0},
    {"pad_token_id", "integer or null", "null", "token that marks padding", -1, 1e8},
    {"initializer_range", "number", "0.1", "most of the random weights of positions", 1e-12, 10.0},
    {"initializer_std", "number or null", "null",
     "standard deviation of the other random weights; null: by their sizes", 1e-12, 10.0},
    {"hidden_dropout", "number", "0.0", "dropout after embeddings and projections, in training",
     0.0, 0.99},
    {"attention_dropout", "number", "0.0", "dropout on attention, in training", 0.0, 0.99},
    {"activation_dropout", "number", "0.0", "dropout inside the feed-forward part, in training",
     0.0, 0.99},
}};

// Distances have no end, and the three kinds of tokens are built in.
constexpr std::array<InertKey, 2> kInertKeys = {{
    {"max_position_embeddings"},
    {"type_vocab_size", "3"},
}};

constexpr std::array<Size, 5> kSizes = {{
    {"funnel-small", "{}"},
    {"funnel-medium", R"({"block_sizes": [6, 3, 3], "block_repeats": [1, 2, 2]})"},
    {"funnel-intermediate", R"({"block_sizes": [6, 6, 6]})"},
    {"funnel-large",
     R"({"block_sizes": [8, 8, 8], "d_model": 1024, "n_head": 16, "d_inner": 4096})"},
    {"funnel-xlarge",
     R"({"block_sizes": [10, 10, 10], "d_model": 1024, "n_head": 16, "d_inner": 4096})"},
}};

constexpr size_t kMostBlocks = 16;

size_t Blocks(const Json& config) { return config.at("block_sizes").size(); }

int64_t Repeats(const Json& config, size_t block) {
  const Json& repeats = config.at("block_repeats");
  return repeats.is_null() ? 1 : repeats.at(block).get<int64_t>();
}

std::optional<ConfigFault> Check(const ConfigCheck& check) {
  const Json& config = check.config;
  if (Int(config, "d_model") % 2 != 0) {
    return ConfigFault{"d_model", "d_model " + config.at("d_model").dump() +
                                      " is odd, but positions have sines and as many cosines; "
                                      "make it even"};
  }
  if (Blocks(config) > kMostBlocks) {
    return ConfigFault{"block_sizes", "block_sizes lists " + std::to_string(Blocks(config)) +
                                          " blocks; use at most " + std::to_string(kMostBlocks)};
  }
  const Json& repeats = config.at("block_repeats");
  if (!repeats.is_null() && repeats.size() != Blocks(config)) {
    return ConfigFault{"block_repeats", "block_repeats lists " + std::to_string(repeats.size()) +
                                            " numbers for " + std::to_string(Blocks(config)) +
                                            " blocks; give one for each"};
  }
  return CheckPad(check);
}

// Three blocks, and the published models' two layers of the decoder.
void Shape(const Preset& preset, Json& config) {
  const int64_t blocks = std::min<int64_t>(preset.num_hidden_layers, 3);
  const int64_t size = preset.num_hidden_layers / blocks;
  Json sizes(static_cast<size_t>(blocks), Json(size));
  sizes[0] = preset.num_hidden_layers - (blocks - 1) * size;
  config["block_sizes"] = sizes;
  config["d_model"] = preset.hidden_size;
  config["n_head"] = preset.num_attention_heads;
  config["d_head"] = preset.hidden_size / preset.num_attention_heads;
  config["d_inner"] = preset.intermediate_size;
}

// Of the encoder and of the decoder each, if there is one.
void SetLayers(Json& config, int64_t layers) {
  config["block_sizes"] = Json::array({layers});
  config["block_repeats"] = Json::array({1});
  config["num_decoder_layers"] = std::min(layers, Int(config, "num_decoder_layers"));
}

void Prune(Json& config, const Pruning& pruning) {
  config["n_head"] = pruning.Heads(Int(config, "n_head"));
  config["d_inner"] = pruning.Rows(Int(config, "d_inner"));
}

int64_t Quantum(const Json& config) { return int64_t{1} << (Blocks(config) - 1); }

void Finish(Json& config, bool /*profiling*/) {
  if (config.at("block_repeats").is_null()) {
    config["block_repeats"] = Json(Blocks(config), Json(1));
  }
}

LengthLimits Limits(const Json& /*config*/, bool /*profiling*/) {
  return {.max = 100'000'000, .max_reason = "memory ends long before"};
}

double Inner(const Json& config) { return Real(config, "n_head") * Real(config, "d_head"); }

double Parameters(const Json& config) {
  const double d = Real(config, "d_model");
  const double f = Real(config, "d_inner");
  const double inner = Inner(config);
  double layers = Real(config, "num_decoder_layers");
  for (const Json& size : config.at("block_sizes")) {
    layers += size.get<double>();
  }
  // Five matrices of attention, biases of keys and values, three of scores, two kinds.
  const double layer = 5 * d * inner + 7 * inner + d + 2 * d * f + f + d + 4 * d;
  return Real(config, "vocab_size") * d + 2 * d + layers * layer;
}

// Attention of `queries` to `keys`, without projections.
void MixingCost(const Json& config, int64_t queries, int64_t keys, CostTally& tally) {
  const double d = Real(config, "d_model");
  const double heads = Real(config, "n_head");
  const double size = Real(config, "d_head");
  const auto k = static_cast<double>(keys);
  // Positions of pooled queries are twice as far apart as those of their keys.
  const double step = queries == keys ? 1 : 2;
  const bool shift = config.at("attention_type") == "relative_shift";
  if (shift) {
    tally.Linear(Component::kMixing, step * static_cast<double>(queries) + k, d, heads * size,
                 Gradients::kOne);
  }
  for (int64_t begin = 0; begin < queries; begin += kFunnelQueries) {
    const auto piece = static_cast<double>(std::min(kFunnelQueries, queries - begin));
    const double rows = tally.batch() * piece;
    if (shift) {
      tally.Product(Component::kMixing, heads, rows, size, step * piece + k);
    } else {
      tally.Product(Component::kMixing, heads, rows, size, d);
      tally.Product(Component::kMixing, 1, heads * rows, d, k, Gradients::kOne);
    }
    if (Flag(config, "separate_cls")) {
      tally.Product(Component::kMixing, heads, rows, size, 1);
    }
    tally.Attention(tally.batch() * heads, piece, k, size, size);
  }
}

void LayerCost(const Json& config, int64_t queries, int64_t keys, CostTally& tally) {
  const double d = Real(config, "d_model");
  const double f = Real(config, "d_inner");
  const double inner = Inner(config);
  const double rows = tally.batch() * static_cast<double>(queries);
  const double key_rows = tally.batch() * static_cast<double>(keys);
  tally.Linear(Component::kProjection, rows, d, inner);
  tally.Linear(Component::kProjection, key_rows, d, inner);
  tally.Linear(Component::kProjection, key_rows, d, inner);
  MixingCost(config, queries, keys, tally);
  tally.Linear(Component::kProjection, rows, inner, d);
  tally.Linear(Component::kFeedForward, rows, d, f);
  tally.Linear(Component::kFeedForward, rows, f, d);
}

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  int64_t length = work.length;
  for (size_t block = 0; block < Blocks(config); ++block) {
    int64_t keys = length;
    if (block > 0) {
      length = FunnelPooled(config, length);
      keys = Flag(config, "pool_q_only") ? keys : length;
    }
    const int64_t layers =
        config.at("block_sizes").at(block).get<int64_t>() * Repeats(config, block);
    for (int64_t layer = 0; layer < layers; ++layer) {
      LayerCost(config, length, layer == 0 ? keys : length, tally);
    }
  }
  for (int64_t layer = 0; layer < Int(config, "num_decoder_layers"); ++layer) {
    LayerCost(config, work.length, work.length, tally);
  }
}

}  // namespace

int64_t FunnelPooled(const Json& config, int64_t length) {
  const bool separate = Flag(config, "separate_cls");
  if (length <= (separate ? 2 : 1)) {
    return length;
  }
  const bool whole = separate && !Flag(config, "truncate_seq");
  return (length + (whole ? 2 : 1)) / 2;
}

constinit const Model kFunnel = {
    .name = "funnel",
    .what = "blocks over ever shorter sequences, pooled in between, and a decoder over the whole",
    .cost_order = "O(n^2 d + n d^2)",
    .source = "Dai et al., Funnel-Transformer, NeurIPS 2020 (arXiv:2006.03236)",
    .keys = kKeys,
    .inert_keys = kInertKeys,
    .sizes = kSizes,
    .padding = "none; poolings round up, so costs step at multiples of 2^(blocks - 1)",
    .lengths = "any: distances have no end",
    .rules = {.check = Check,
              .shape = Shape,
              .quantum = Quantum,
              .finish = Finish,
              .limits = Limits,
              .parameters = Parameters,
              .cost = Cost,
              .axes = {.set_layers = SetLayers, .prune = Prune}},
};

}  // namespace cusp::catalog
