// Keys, checks and costs that T5 and its relatives share.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "catalog/config_values.h"
#include "catalog/model.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {

// Where the families differ, as JSON.
struct T5Defaults {
  std::string_view d_model;
  std::string_view num_layers;
  std::string_view num_decoder_layers;
  std::string_view num_heads;
  std::string_view d_ff = "2048";
  std::string_view layer_norm_epsilon = "1e-06";
};

// The keys of the skeleton, with the defaults of transformers, but for what
// profiling changes, as in EncoderKeys.
constexpr std::array<Key, 14> T5Keys(const T5Defaults& defaults) {
  return {{
      {"vocab_size", "integer", "30522", "entries of the token embedding", 4, 1e8},
      {"d_model", "integer", defaults.d_model, "features of a token", 1, 1e6},
      {"d_kv", "integer", "64", "features of a head", 1, 1e5},
      {"d_ff", "integer", defaults.d_ff, "features inside the feed-forward part", 1, 1e7},
      {"num_layers", "integer", defaults.num_layers, "layers of the encoder", 1, 1e4},
      {"num_decoder_layers", "integer or null", defaults.num_decoder_layers,
       "layers of the decoder; null: as many as the encoder's", 1, 1e4},
      {"num_heads", "integer", defaults.num_heads, "attention heads of a layer", 1, 1e5},
      {"relative_attention_num_buckets", "integer", "32",
       "buckets of distances, each with a bias of its own", 4, 1e6},
      {"relative_attention_max_distance", "integer", "128",
       "distance from which on all share a bucket", 2, 1e8},
      {"dropout_rate", "number", "0.0", "dropout everywhere, in training", 0.0, 0.99},
      {"layer_norm_epsilon", "number", defaults.layer_norm_epsilon, "added to mean squares", 1e-30,
       1.0},
      {"initializer_factor", "number", "1.0", "scale of random weights", 1e-12, 1e6},
      {"pad_token_id", "integer or null", "0", "token that marks padding", -1, 1e8},
      {"is_encoder_decoder", "boolean", "true", "false: the encoder alone"},
  }};
}

// Keys of published files that change nothing here.
inline constexpr std::array<InertKey, 6> kT5InertKeys = {{
    {"decoder_start_token_id"},
    {"is_decoder", "false"},
    {"is_gated_act"},  // follows from feed_forward_proj
    {"n_positions"},   // how long inputs were in training
    {"prefix"},
    {"scale_decoder_outputs"},  // the output layer's
}};

inline constexpr std::string_view kByNoPositions = "any: distances have no end";

int64_t DecoderLayers(const nlohmann::json& config);

std::optional<ConfigFault> CheckT5(const ConfigCheck& check);
// Of that, what does not concern distances: pad_token_id, which may be null.
std::optional<ConfigFault> CheckT5Pad(const ConfigCheck& check);
void ShapeT5(const Preset& preset, nlohmann::json& config);
void SetT5Layers(nlohmann::json& config, int64_t layers);
void PruneT5(nlohmann::json& config, const Pruning& pruning);
inline constexpr AxisRules kT5Axes = {.set_layers = SetT5Layers, .prune = PruneT5};
void FinishT5(nlohmann::json& config, bool profiling);
LengthLimits T5Limits(const nlohmann::json& config, bool profiling);

// What differs between the families is the feed-forward part: `feed_forward` gives the
// parameters of layer `layer` of the encoder or decoder.
using T5FeedForward = std::function<double(int64_t layer, bool decoder)>;
double T5Parameters(const nlohmann::json& config, const T5FeedForward& feed_forward);
// … or adds the cost of it. Without decoder the encoder alone; with it, both at the
// same length.
using T5FeedForwardCost = std::function<void(int64_t layer, bool decoder)>;
void T5Cost(const nlohmann::json& config, CostTally& tally, const T5FeedForwardCost& feed_forward);
// The two products of a plain feed-forward part over `rows` tokens of the whole batch.
void T5PlainFeedForwardCost(const nlohmann::json& config, double rows, CostTally& tally);
// Of one decoding step, after as many tokens as the source has.
void T5DecodeCost(const nlohmann::json& config, CostTally& tally,
                  const T5FeedForwardCost& feed_forward);

}  // namespace cusp::catalog
