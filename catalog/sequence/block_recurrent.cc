#include <algorithm>
#include <functional>

#include "catalog/builtin_models.h"
#include "catalog/sequence/decoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys = Join(
    Without(
        EncoderKeys({.hidden_act = R"("relu")", .layer_norm_eps = "1e-06", .is_decoder = "true"}),
        std::array<std::string_view, 2>{{"max_position_embeddings", "type_vocab_size"}}),
    std::array<Key, 5>{
        {{"window", "integer", "512",
          "tokens that one attends to, itself included, and that the state reads at once", 1, 1e8},
         {"state_vectors", "integer", "512", "vectors of the state", 1, 1e6},
         {"recurrent_layer", "integer or null", "null",
          "layer that has the state, counted from 0; null: the third from the end", 0, 1e4},
         {"relative_attention_num_buckets", "integer", "32", "buckets of distances between tokens",
          2, 1e6},
         {"relative_attention_max_distance", "integer", "128",
          "distance from which on all share a bucket", 2, 1e8}}});

constexpr std::array<Size, 1> kSizes = {{
    {"block-recurrent-pg19",
     R"({"vocab_size": 32000, "hidden_size": 1024, "num_attention_heads": 8,
         "intermediate_size": 4096})"},
}};

std::optional<ConfigFault> Check(const ConfigCheck& check) {
  if (auto fault = CheckCausalEncoder(check)) {
    return fault;
  }
  const Json& recurrent = check.config.at("recurrent_layer");
  const int64_t layers = Int(check.config, "num_hidden_layers");
  if (!recurrent.is_null() && recurrent.get<int64_t>() >= layers) {
    return ConfigFault{"recurrent_layer", "recurrent_layer " + recurrent.dump() +
                                              " is none of the " + std::to_string(layers) +
                                              " layers; use 0 to " + std::to_string(layers - 1)};
  }
  return std::nullopt;
}

void Finish(Json& config, bool /*profiling*/) {
  if (config.at("recurrent_layer").is_null()) {
    config["recurrent_layer"] = std::max<int64_t>(0, Int(config, "num_hidden_layers") - 3);
  }
}

LengthLimits Limits(const Json& /*config*/, bool /*profiling*/) {
  return {.max = 100'000'000, .max_reason = "memory ends long before"};
}

// One with the state, and one without.
void SetLayers(Json& config, int64_t layers) {
  SetHiddenLayers(config, std::min(Int(config, "num_hidden_layers"), 2 * layers));
}

double Parameters(const Json& config) {
  const double d = Real(config, "hidden_size");
  const double inner = InnerSize(config);
  const double layers =
      Real(config, "num_hidden_layers") * (EncoderLayerParameters(config) - 3 * inner);
  // Second queries of tokens and of the state, twice as many inputs of two projections.
  const double recurrence =
      6 * d * inner + 2 * inner * d + d + 2 * Real(config, "state_vectors") * d + 3 * d;
  return (Real(config, "vocab_size") + 2) * d + layers + recurrence +
         Real(config, "relative_attention_num_buckets") * Real(config, "num_attention_heads");
}

// `count` projections of `rows` to queries, keys or values.
void ToHeadsCost(const Json& config, int count, double rows, CostTally& tally) {
  for (int i = 0; i < count; ++i) {
    tally.Linear(Component::kProjection, rows, Real(config, "hidden_size"), InnerSize(config));
  }
}

// Every sequence's `queries` attend to `keys`.
void AttentionCost(const Json& config, double queries, double keys, CostTally& tally) {
  const double heads = Real(config, "num_attention_heads");
  const auto head = static_cast<double>(HeadSize(config));
  tally.Attention(tally.batch() * heads, queries, keys, head, head);
}

// Keys and values of the state.
void StateReadingCost(const Json& config, CostTally& tally) {
  ToHeadsCost(config, 2, tally.batch() * Real(config, "state_vectors"), tally);
}

// The state reads itself and a block of tokens.
void NextStateCost(const Json& config, CostTally& tally) {
  const double states = Real(config, "state_vectors");
  const double rows = tally.batch() * states;
  ToHeadsCost(config, 2, rows, tally);
  AttentionCost(config, states, states, tally);
  AttentionCost(config, states, Real(config, "window"), tally);
  tally.Linear(Component::kProjection, rows, 2 * InnerSize(config), Real(config, "hidden_size"));
}

// The state is read by each block of tokens, and reads all but the last.
void RecurrenceCost(const Json& config, CostTally& tally) {
  const double window = Real(config, "window");
  const auto n = static_cast<double>(tally.work().length);
  const auto blocks = RoundUp(tally.work().length, Int(config, "window")) / Int(config, "window");
  ToHeadsCost(config, 1, tally.batch() * n, tally);
  for (int64_t block = 0; block < blocks; ++block) {
    const double tokens = std::min(window, n - static_cast<double>(block) * window);
    StateReadingCost(config, tally);
    AttentionCost(config, tokens, Real(config, "state_vectors"), tally);
    if (block + 1 < blocks) {
      NextStateCost(config, tally);
    }
  }
}

// The token that completes a block lets the state read it: one step in `window`.
void RecurrenceStepCost(const Json& config, CostTally& tally) {
  ToHeadsCost(config, 1, tally.batch(), tally);
  AttentionCost(config, 1, Real(config, "state_vectors"), tally);
  if ((tally.work().length + 1) % Int(config, "window") == 0) {
    NextStateCost(config, tally);
    StateReadingCost(config, tally);
  }
}

// Of layers over `rows` tokens of the whole batch; `mixing` and `recurrence` add what is
// between a layer's projections, the latter where the state is.
void LayersCost(const Json& config, double rows, CostTally& tally,
                const std::function<void()>& mixing, const std::function<void()>& recurrence) {
  const double inner = InnerSize(config);
  for (int64_t layer = 0; layer < Int(config, "num_hidden_layers"); ++layer) {
    const bool recurrent = layer == Int(config, "recurrent_layer");
    ToHeadsCost(config, 3, rows, tally);
    mixing();
    if (recurrent) {
      recurrence();
    }
    tally.Linear(Component::kProjection, rows, recurrent ? 2 * inner : inner,
                 Real(config, "hidden_size"));
    FeedForwardCost(config, rows, tally);
  }
}

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const double heads = Real(config, "num_attention_heads");
  const auto head = static_cast<double>(HeadSize(config));
  const int64_t n = work.length;
  const int64_t window = Int(config, "window");
  const int64_t block = n > window ? WindowBlock(window) : n;
  const int64_t blocks = RoundUp(n, block) / block;
  const double count = tally.batch() * heads * static_cast<double>(blocks);
  const auto keys = static_cast<double>(n > window ? window + block : n);
  LayersCost(
      config, tally.batch() * static_cast<double>(n), tally,
      [&] { tally.Attention(count, static_cast<double>(block), keys, head, head); },
      [&] { RecurrenceCost(config, tally); });
}

void DecodeCost(const Json& config, const Workload& work, CostTally& tally) {
  const int64_t keys = std::min(Int(config, "window"), work.length + 1);
  LayersCost(
      config, tally.batch(), tally, [&] { CachedAttentionCost(config, keys, tally); },
      [&] { RecurrenceStepCost(config, tally); });
}

}  // namespace

constinit const Model kBlockRecurrent = {
    .name = "block_recurrent",
    .what = "causal window attention, and in one layer a state that reads block after block",
    .cost_order = "O(n w d + n s d + n d^2)",
    .source = "Hutchins et al., Block-Recurrent Transformers, NeurIPS 2022 (arXiv:2203.07852)",
    .decode = true,
    .attention_backends = true,
    .keys = kKeys,
    .sizes = kSizes,
    .lengths = "any: positions are distances",
    .rules = {.check = Check,
              .finish = Finish,
              .limits = Limits,
              .parameters = Parameters,
              .cost = Cost,
              .decode_cost = DecodeCost,
              .axes = {.set_layers = SetLayers, .prune = PruneEncoder}},
};

}  // namespace cusp::catalog
