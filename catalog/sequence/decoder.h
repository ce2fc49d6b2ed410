// Keys, checks and costs of decoders with rotary positions and gated
// feed-forward parts: Llama and its relatives.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "catalog/config_values.h"
#include "catalog/model.h"
#include "catalog/sequence/rope.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {

// Where the families differ, as JSON.
struct DecoderDefaults {
  std::string_view num_key_value_heads;
  std::string_view intermediate_size;
};

// The keys of the skeleton, with the defaults of transformers, but for what
// profiling changes, as in EncoderKeys.
constexpr auto DecoderKeys(const DecoderDefaults& defaults) {
  return Join(
      std::array<Key, 13>{{
          {"vocab_size", "integer", "30522", "entries of the token embedding", 4, 1e8},
          {"hidden_size", "integer", "4096", "features of a token", 1, 1e6},
          {"num_hidden_layers", "integer", "32", "layers", 1, 1e4},
          {"num_attention_heads", "integer", "32", "query heads of a layer", 1, 1e5},
          {"num_key_value_heads", "integer or null", defaults.num_key_value_heads,
           "key and value heads, each shared by as many query heads; null: as many as query heads",
           1, 1e5},
          {"head_dim", "integer or null", "null",
           "features of a head, an even number; null: hidden_size / num_attention_heads", 2, 1e5},
          {"intermediate_size", "integer", defaults.intermediate_size,
           "features inside the feed-forward part, which has three matrices", 1, 1e7},
          {"hidden_act", "string", R"("silu")", "activation of the feed-forward part's gate",
           -1e300, 1e300, kActivations},
          {"max_position_embeddings", "integer", "",
           "longest input; derived from the job's longest length unless set", 1, 1e8},
          {"rms_norm_eps", "number", "1e-06", "added to mean squares", 1e-30, 1.0},
          {"pad_token_id", "integer or null", "null", "token that marks padding", -1, 1e8},
          {"initializer_range", "number", "0.02", "standard deviation of random weights", 1e-12,
           10.0},
          {"attention_dropout", "number", "0.0", "dropout on attention, in training", 0.0, 0.99},
      }},
      kRopeKeys);
}

// Keys of published files that change nothing here.
inline constexpr std::array<InertKey, 2> kDecoderInertKeys = {{
    {"is_decoder"},      // a decoder it is, whatever it says
    {"pretraining_tp"},  // how the same products are cut
}};

inline constexpr std::string_view kByContext = "1 to max_position_embeddings, its longest input";

// num_key_value_heads, which a configuration may leave null.
int64_t KeyValueHeads(const nlohmann::json& config);

// Queries that attention within a window of `window` tokens handles together: each such
// block meets window + block keys. Worth its waste of block / window, and wide enough
// for a matrix product.
int64_t WindowBlock(int64_t window);

// The features of a head make pairs.
std::optional<ConfigFault> CheckRotaryHeads(const ConfigCheck& check, int64_t head_size);

std::optional<ConfigFault> CheckDecoder(const ConfigCheck& check);
// head_dim, num_key_value_heads and the rotary positions become what they mean.
void FinishDecoder(nlohmann::json& config, bool profiling);
// Takes heads of keys away together with the query heads that share them.
void PruneDecoder(nlohmann::json& config, const Pruning& pruning);
inline constexpr AxisRules kDecoderAxes = {.set_layers = SetHiddenLayers, .prune = PruneDecoder};
// As far as the rotary positions reach.
LengthLimits DecoderLimits(const nlohmann::json& config, bool profiling);
// 1 to max_position_embeddings, where nothing stretches them.
LengthLimits ContextLimits(const nlohmann::json& config, bool profiling);
double DecoderParameters(const nlohmann::json& config);
// `window` 0: every token before.
void DecoderCost(const nlohmann::json& config, int64_t window, CostTally& tally);
// Of one decoding step.
void DecoderDecodeCost(const nlohmann::json& config, int64_t window, CostTally& tally);

}  // namespace cusp::catalog
