#include "catalog/builtin_models.h"
#include "catalog/sequence/t5_skeleton.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

// The defaults are the paper's shape.
constexpr auto kKeys = Join(
    Without(T5Keys({.d_model = "256",
                    .num_layers = "4",
                    .num_decoder_layers = "null",
                    .num_heads = "4",
                    .d_ff = "1024",
                    .layer_norm_epsilon = "1e-05"}),
            std::array<std::string_view, 2>{"relative_attention_num_buckets",
                                            "relative_attention_max_distance"}),
    std::array<Key, 1>{{{"dense_act_fn", "string", R"("relu")",
                         "activation of the feed-forward part", -1e300, 1e300, kActivations}}});

// Every matrix has a bias, and every norm two vectors.
double Parameters(const Json& config) {
  const double d = Real(config, "d_model");
  const double f = Real(config, "d_ff");
  const double inner = Real(config, "num_heads") * Real(config, "d_kv");
  const double attention = 4 * d * inner + 3 * inner + d;
  const double feed_forward = 2 * d * f + f + d;
  const double norm = 2 * d;
  double sum = Real(config, "vocab_size") * d + norm +
               Real(config, "num_layers") * (attention + feed_forward + 2 * norm);
  if (Flag(config, "is_encoder_decoder")) {
    sum += norm +
           static_cast<double>(DecoderLayers(config)) * (2 * attention + feed_forward + 3 * norm);
  }
  return sum;
}

void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const double rows = tally.batch() * static_cast<double>(work.length);
  T5Cost(config, tally, [&](int64_t, bool) { T5PlainFeedForwardCost(config, rows, tally); });
}

void DecodeCost(const Json& config, const Workload& /*work*/, CostTally& tally) {
  T5DecodeCost(config, tally,
               [&](int64_t, bool) { T5PlainFeedForwardCost(config, tally.batch(), tally); });
}

}  // namespace

constinit const Model kTransduction = {
    .name = "transduction",
    .what = "small encoder-decoder for characters; costs are of both at one length",
    .cost_order = "O(n^2 d + n d^2)",
    .source =
        "Wu, Cotterell and Hulden, Applying the Transformer to Character-level "
        "Transduction, EACL 2021",
    .decode = true,
    .attention_backends = true,
    .keys = kKeys,
    .lengths = "any: its waves have no end",
    .rules = {.check = CheckT5Pad,
              .shape = ShapeT5,
              .finish = FinishT5,
              .limits = T5Limits,
              .parameters = Parameters,
              .cost = Cost,
              .decode_cost = DecodeCost,
              .axes = kT5Axes},
};

}  // namespace cusp::catalog
