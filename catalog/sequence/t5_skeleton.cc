#include "catalog/sequence/t5_skeleton.h"

#include <string>

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

// The products of one attention of a sequence's `queries` to `keys`, of which `projected`
// of query, key and value are made anew.
void AttentionCost(const Json& config, int projected, double queries, double keys,
                   CostTally& tally) {
  const double d = Real(config, "d_model");
  const double head = Real(config, "d_kv");
  const double heads = Real(config, "num_heads");
  const double rows = tally.batch() * queries;
  for (int i = 0; i < projected; ++i) {
    tally.Linear(Component::kProjection, rows, d, heads * head);
  }
  tally.Attention(tally.batch() * heads, queries, keys, head, head);
  tally.Linear(Component::kProjection, rows, heads * head, d);
}

void AttentionCost(const Json& config, double length, CostTally& tally) {
  AttentionCost(config, /*projected=*/3, length, length, tally);
}

}  // namespace

int64_t DecoderLayers(const Json& config) {
  return config.at("num_decoder_layers").is_null() ? Int(config, "num_layers")
                                                   : Int(config, "num_decoder_layers");
}

std::optional<ConfigFault> CheckT5(const ConfigCheck& check) {
  const Json& config = check.config;
  // The decoder's exact buckets: half of those it has.
  const int64_t exact = Int(config, "relative_attention_num_buckets") / 2;
  if (Int(config, "relative_attention_max_distance") <= exact) {
    return ConfigFault{"relative_attention_max_distance",
                       "relative_attention_max_distance is " +
                           config.at("relative_attention_max_distance").dump() +
                           ", within the buckets of single distances; use more than " +
                           std::to_string(exact)};
  }
  return CheckT5Pad(check);
}

std::optional<ConfigFault> CheckT5Pad(const ConfigCheck& check) {
  const Json& config = check.config;
  const Json& pad = config.at("pad_token_id");
  if (!pad.is_null() && pad.get<int64_t>() >= Int(config, "vocab_size")) {
    return ConfigFault{"pad_token_id", "pad_token_id " + pad.dump() +
                                           " lies outside the vocabulary of " +
                                           config.at("vocab_size").dump() + "; use a token of it"};
  }
  return std::nullopt;
}

void ShapeT5(const Preset& preset, Json& config) {
  config["num_layers"] = preset.num_hidden_layers;
  config["num_decoder_layers"] = preset.num_hidden_layers;
  config["d_model"] = preset.hidden_size;
  config["num_heads"] = preset.num_attention_heads;
  config["d_kv"] = preset.hidden_size / preset.num_attention_heads;
  config["d_ff"] = preset.intermediate_size;
}

void SetT5Layers(Json& config, int64_t layers) {
  config["num_layers"] = layers;
  config["num_decoder_layers"] = layers;
}

void PruneT5(Json& config, const Pruning& pruning) {
  config["num_heads"] = pruning.Heads(Int(config, "num_heads"));
  config["d_ff"] = pruning.Rows(Int(config, "d_ff"));
}

void FinishT5(Json& config, bool /*profiling*/) {
  config["num_decoder_layers"] = DecoderLayers(config);
}

LengthLimits T5Limits(const Json& /*config*/, bool /*profiling*/) {
  return {.max = 100'000'000, .max_reason = "memory ends long before"};
}

double T5Parameters(const Json& config, const T5FeedForward& feed_forward) {
  const double d = Real(config, "d_model");
  const double heads = Real(config, "num_heads");
  const double attention = 4 * d * heads * Real(config, "d_kv");
  const double buckets = Real(config, "relative_attention_num_buckets") * heads;
  double sum = Real(config, "vocab_size") * d + buckets + d;
  for (int64_t i = 0; i < Int(config, "num_layers"); ++i) {
    sum += attention + 2 * d + feed_forward(i, /*decoder=*/false);
  }
  if (Flag(config, "is_encoder_decoder")) {
    sum += buckets + d;
    for (int64_t i = 0; i < DecoderLayers(config); ++i) {
      sum += 2 * attention + 3 * d + feed_forward(i, /*decoder=*/true);
    }
  }
  return sum;
}

void T5Cost(const Json& config, CostTally& tally, const T5FeedForwardCost& feed_forward) {
  const auto length = static_cast<double>(tally.work().length);
  for (int64_t i = 0; i < Int(config, "num_layers"); ++i) {
    AttentionCost(config, length, tally);
    feed_forward(i, /*decoder=*/false);
  }
  if (Flag(config, "is_encoder_decoder")) {
    for (int64_t i = 0; i < DecoderLayers(config); ++i) {
      AttentionCost(config, length, tally);
      AttentionCost(config, length, tally);
      feed_forward(i, /*decoder=*/true);
    }
  }
}

void T5PlainFeedForwardCost(const Json& config, double rows, CostTally& tally) {
  const double d = Real(config, "d_model");
  const double f = Real(config, "d_ff");
  tally.Linear(Component::kFeedForward, rows, d, f);
  tally.Linear(Component::kFeedForward, rows, f, d);
}

void T5DecodeCost(const Json& config, CostTally& tally, const T5FeedForwardCost& feed_forward) {
  const auto length = static_cast<double>(tally.work().length);
  for (int64_t i = 0; i < DecoderLayers(config); ++i) {
    AttentionCost(config, /*projected=*/3, 1, length + 1, tally);
    // Keys and values of the source are made once.
    AttentionCost(config, /*projected=*/1, 1, length, tally);
    feed_forward(i, /*decoder=*/true);
  }
}

}  // namespace cusp::catalog
