#include "catalog/sequence/switch_transformers.h"

#include <algorithm>

#include "catalog/builtin_models.h"
#include "catalog/sequence/expert_cost.h"
#include "catalog/sequence/t5_skeleton.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys = Join(
    T5Keys({.d_model = "768", .num_layers = "12", .num_decoder_layers = "12", .num_heads = "12"}),
    std::array<Key, 10>{
        {{"dense_act_fn", "string", R"("relu")", "activation of the feed-forward parts", -1e300,
          1e300, kActivations},
         {"num_experts", "integer", "8", "experts of a sparse layer", 1, 1e5},
         {"num_sparse_encoder_layers", "integer", "3", "layers of the encoder with experts", 0,
          1e4},
         {"num_sparse_decoder_layers", "integer", "3", "layers of the decoder with experts", 0,
          1e4},
         {"encoder_sparse_step", "integer or null", "null",
          "each so many-th layer of the encoder is sparse; null: follows from "
          "num_sparse_encoder_layers",
          0, 1e4},
         {"decoder_sparse_step", "integer or null", "null",
          "each so many-th layer of the decoder is sparse; null: follows from "
          "num_sparse_decoder_layers",
          0, 1e4},
         {"expert_capacity", "integer", "64",
          "tokens that an expert takes at once; the reference counts one at a time, so that any "
          "number takes all of them",
          1, 1e9},
         {"router_bias", "boolean", "false", "whether the router adds a bias"},
         {"router_dtype", "string", R"("float32")", "number type of the router", -1e300, 1e300,
          "float32 float16 bfloat16"},
         {"router_jitter_noise", "number", "0.0",
          "largest relative noise on what the router reads, in training", 0.0, 0.99}}});

constexpr auto kInertKeys = [] {
  constexpr std::array<InertKey, 8> kOwn = {{
      {"add_router_probs"},  // to the output
      {"batch_prioritized_routing"},
      {"feed_forward_proj"},  // dense_act_fn says it
      {"router_aux_loss_coef"},
      {"router_ignore_padding_tokens"},
      {"router_type"},
      {"router_z_loss_coef"},
      // Unlike T5, a file that says false has a table of words for each stack.
      {"tie_word_embeddings", "true"},
  }};
  std::array<InertKey, kT5InertKeys.size() + kOwn.size()> keys{};
  std::copy(kOwn.begin(), kOwn.end(),
            std::copy(kT5InertKeys.begin(), kT5InertKeys.end(), keys.begin()));
  return keys;
}();

constexpr std::array<Size, 1> kSizes = {{
    {"switch-base-8",
     R"({"vocab_size": 32128, "d_ff": 3072, "num_sparse_encoder_layers": 6,
         "num_sparse_decoder_layers": 6})"},
}};

int64_t SparseStep(const Json& config, bool decoder) {
  const char* key = decoder ? "decoder_sparse_step" : "encoder_sparse_step";
  if (!config.at(key).is_null()) {
    return Int(config, key);
  }
  const int64_t layers = decoder ? DecoderLayers(config) : Int(config, "num_layers");
  const int64_t sparse =
      Int(config, decoder ? "num_sparse_decoder_layers" : "num_sparse_encoder_layers");
  return sparse > 0 ? layers / sparse : layers;
}

bool IsSparseLayer(const Json& config, int64_t layer, bool decoder) {
  return IsSparse(layer, SparseStep(config, decoder));
}

// Every second layer is sparse, as in the published sizes.
void Shape(const Preset& preset, Json& config) {
  ShapeT5(preset, config);
  const int64_t sparse = std::max<int64_t>(preset.num_hidden_layers / 2, 1);
  config["num_sparse_encoder_layers"] = sparse;
  config["num_sparse_decoder_layers"] = sparse;
}

void Finish(Json& config, bool profiling) {
  FinishT5(config, profiling);
  for (const bool decoder : {false, true}) {
    config[decoder ? "decoder_sparse_step" : "encoder_sparse_step"] = SparseStep(config, decoder);
  }
}

double Parameters(const Json& config) {
  const double d = Real(config, "d_model");
  const double expert = 2 * d * Real(config, "d_ff");
  const double router = d + (Flag(config, "router_bias") ? 1 : 0);
  return T5Parameters(config, [&](int64_t layer, bool decoder) {
    return IsSparseLayer(config, layer, decoder) ? Real(config, "num_experts") * (expert + router)
                                                 : expert;
  });
}

// What layers cost over `rows` tokens of the whole batch. They spread evenly over the
// experts.
T5FeedForwardCost FeedForwardOver(const Json& config, double rows, CostTally& tally) {
  return [&config, rows, &tally](int64_t layer, bool decoder) {
    if (!IsSparseLayer(config, layer, decoder)) {
      T5PlainFeedForwardCost(config, rows, tally);
      return;
    }
    const double d = Real(config, "d_model");
    const double f = Real(config, "d_ff");
    const double experts = Real(config, "num_experts");
    const double present = ExpertsPresent(experts, 1, rows);
    tally.Linear(Component::kFeedForward, rows, d, experts);
    ExpertCost(Component::kFeedForward, {rows, present, d, f}, tally);
    ExpertCost(Component::kFeedForward, {rows, present, f, d}, tally);
  };
}

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const double rows = tally.batch() * static_cast<double>(work.length);
  T5Cost(config, tally, FeedForwardOver(config, rows, tally));
}

void DecodeCost(const Json& config, const Workload& /*work*/, CostTally& tally) {
  T5DecodeCost(config, tally, FeedForwardOver(config, tally.batch(), tally));
}

}  // namespace

bool IsSparse(int64_t layer, int64_t step) { return step > 0 && (step == 1 || layer % step == 1); }

constinit const Model kSwitchTransformers = {
    .name = "switch_transformers",
    .what = "t5 in which a token goes through one of many feed-forward parts",
    .cost_order = "O(n^2 d + n d^2)",
    .source = "Fedus et al., Switch Transformers, JMLR 2022 (arXiv:2101.03961)",
    .decode = true,
    .attention_backends = true,
    .keys = kKeys,
    .inert_keys = kInertKeys,
    .sizes = kSizes,
    .lengths = kByNoPositions,
    .rules = {.check = CheckT5,
              .shape = Shape,
              .finish = Finish,
              .limits = T5Limits,
              .parameters = Parameters,
              .cost = Cost,
              .decode_cost = DecodeCost,
              .axes = {.set_layers = SetT5Layers,
                       .prune = PruneT5,
                       .no_share_layers = "its dense and its sparse layers are not alike"}},
};

}  // namespace cusp::catalog
