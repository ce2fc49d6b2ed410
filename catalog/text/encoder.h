// Keys, checks and costs that all models with BERT's skeleton share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "catalog/config_values.h"
#include "catalog/model.h"

namespace cusp::catalog {

inline constexpr std::string_view kActivations =
    "gelu gelu_10 gelu_accurate gelu_fast gelu_new gelu_python gelu_python_tanh "
    "gelu_pytorch_tanh hardswish leaky_relu linear mish quick_gelu relu relu2 relu6 sigmoid silu "
    "swish tanh";

// `lengths` of models with a table of positions.
inline constexpr std::string_view kByPositions =
    "1 to max_position_embeddings, its table of positions";

// Where the families differ.
struct EncoderDefaults {
  std::string_view hidden_act = R"("gelu")";  // as JSON, like the others
  std::string_view layer_norm_eps = "1e-12";
  std::string_view pad_token_id = "0";
  std::string_view is_decoder = "false";
  std::string_view type_vocab_size = "2";
};

// The keys of the skeleton, with the defaults of transformers, but for what
// profiling changes: one vocabulary for all, no dropout, positions for the
// job's lengths.
constexpr std::array<Key, 14> EncoderKeys(const EncoderDefaults& defaults) {
  return {{
      {"vocab_size", "integer", "30522", "entries of the token embedding", 4, 1e8},
      {"hidden_size", "integer", "768", "features of a token; a multiple of num_attention_heads", 1,
       1e6},
      {"num_hidden_layers", "integer", "12", "layers", 1, 1e4},
      {"num_attention_heads", "integer", "12", "attention heads of a layer", 1, 1e5},
      {"intermediate_size", "integer", "3072", "features inside the feed-forward part", 1, 1e7},
      {"hidden_act", "string", defaults.hidden_act, "activation of the feed-forward part", -1e300,
       1e300, kActivations},
      {"max_position_embeddings", "integer", "",
       "positions; derived from the job's longest length unless set", 1, 1e8},
      {"type_vocab_size", "integer", defaults.type_vocab_size,
       "entries of the token-type embedding", 1, 1e6},
      {"layer_norm_eps", "number", defaults.layer_norm_eps, "added to variances", 1e-30, 1.0},
      {"pad_token_id", "integer", defaults.pad_token_id, "token that marks padding", 0, 1e8},
      {"initializer_range", "number", "0.02", "standard deviation of random weights", 1e-12, 10.0},
      {"hidden_dropout_prob", "number", "0.0", "dropout after projections, in training", 0.0, 0.99},
      {"attention_probs_dropout_prob", "number", "0.0", "dropout on attention, in training", 0.0,
       0.99},
      {"is_decoder", "boolean", defaults.is_decoder, "causal attention"},
  }};
}

// Of models that run in chunks.
constexpr Key ChunkKey(std::string_view default_value) {
  return {"chunk_size",
          "integer",
          default_value,
          "tokens that the causal form takes at once; changes costs alone",
          1,
          65536};
}

template <size_t A, size_t B>
constexpr std::array<Key, A + B> Join(const std::array<Key, A>& first,
                                      const std::array<Key, B>& second) {
  std::array<Key, A + B> all{};
  for (size_t i = 0; i < A; ++i) {
    all[i] = first[i];
  }
  for (size_t i = 0; i < B; ++i) {
    all[A + i] = second[i];
  }
  return all;
}

// The same keys, but for those named, all of which are there.
template <size_t A, size_t B>
constexpr std::array<Key, A - B> Without(const std::array<Key, A>& keys,
                                         const std::array<std::string_view, B>& names) {
  std::array<Key, A - B> left{};
  size_t at = 0;
  for (const Key& key : keys) {
    bool dropped = false;
    for (const std::string_view name : names) {
      dropped = dropped || key.name == name;
    }
    if (!dropped) {
      left[at++] = key;
    }
  }
  return left;
}

// Heads divide the features, the pad is a token, and only models that decode
// are causal.
std::optional<ConfigFault> CheckEncoder(const ConfigCheck& check);

// The same for a model that is always causal.
std::optional<ConfigFault> CheckCausalEncoder(const ConfigCheck& check);

// Where profiling: `key`, if somebody chose it, is no longer than the longest input.
std::optional<ConfigFault> CheckFits(const ConfigCheck& check, const char* key);

// Of encoders that pad their inputs to whole blocks of block_size tokens: CheckEncoder,
// and a block fits.
std::optional<ConfigFault> CheckBlocks(const ConfigCheck& check);
int64_t BlockSize(const nlohmann::json& config);

// hidden_size, or what it is called, is a multiple of num_attention_heads.
std::optional<ConfigFault> CheckHeads(const ConfigCheck& check,
                                      const char* hidden_key = "hidden_size",
                                      const char* heads_key = "num_attention_heads");

// pad_token_id, unless null, lies within vocab_size.
std::optional<ConfigFault> CheckPad(const ConfigCheck& check);

// "its max_position_embeddings holds positions for N tokens".
std::string PositionReason(int64_t tokens);

// 1 to max_position_embeddings.
LengthLimits EncoderLimits(const nlohmann::json& config, bool profiling);

// Where positions count from pad_token_id + 1, padding itself taking that of the pad
// (fairseq's models): positions that inputs need, and the lengths left.
int64_t PositionsAfterPadding(const nlohmann::json& config, int64_t length);
LengthLimits LimitsAfterPadding(const nlohmann::json& config, bool profiling);
inline constexpr std::string_view kByPositionsAfterPadding =
    "1 to max_position_embeddings - pad_token_id - 1: positions count from pad_token_id + 1";

// Features of a head: head_dim, or where there is none hidden_size / num_attention_heads.
// Pruning takes whole heads and leaves their size under head_dim.
int64_t HeadSize(const nlohmann::json& config);
// Of all heads together; hidden_size where nothing is pruned, or there are no heads.
double InnerSize(const nlohmann::json& config);

void PruneEncoder(nlohmann::json& config, const Pruning& pruning);
// Of models whose layers are num_hidden_layers of this skeleton.
inline constexpr AxisRules kEncoderAxes = {.set_layers = SetHiddenLayers, .prune = PruneEncoder};

// Of one layer: four projections, the feed-forward part, two norms.
double EncoderLayerParameters(const nlohmann::json& config);

// Of words, positions, token types and their norm.
double EmbeddingParameters(const nlohmann::json& config);

// Of embeddings and layers, with attention of four projections.
double EncoderParameters(const nlohmann::json& config);

// Cost of the skeleton over inputs of `tokens` (padded); `mixing` adds that of one
// layer's attention without its four projections.
void EncoderCost(const nlohmann::json& config, int64_t tokens, CostTally& tally,
                 const std::function<void()>& mixing);

// The four projections of one layer over `rows` tokens of the whole batch.
void ProjectionCost(const nlohmann::json& config, double rows, CostTally& tally);
// The two products of one layer's feed-forward part.
void FeedForwardCost(const nlohmann::json& config, double rows, CostTally& tally);

// `count` linear recurrences over `tokens`, their state [keys, values], in chunks of at
// most `chunk` tokens.
void RecurrenceCost(double count, int64_t tokens, int64_t chunk, double keys, double values,
                    CostTally& tally);
// Adds what a layer of a model projects besides queries, keys, values and output, over `rows`
// tokens of the whole batch.
using AddGateCost = void (*)(const nlohmann::json& config, double rows, CostTally& tally);
// EncoderCost with `gate`, and in each head a recurrence in chunks of chunk_size, its state
// [d_h, d_h]; and that of one decoding step.
void GatedRecurrenceCost(const nlohmann::json& config, AddGateCost gate, CostTally& tally);
void GatedRecurrenceDecodeCost(const nlohmann::json& config, AddGateCost gate, CostTally& tally);
// EncoderCost with plain attention in every layer, of inputs that are not padded.
void PlainEncoderCost(const nlohmann::json& config, const Workload& work, CostTally& tally);

// One decoding step of the skeleton: one token of each sequence, whose attention
// `mixing` adds as above.
void EncoderDecodeCost(const nlohmann::json& config, CostTally& tally,
                       const std::function<void()>& mixing);
// The same with plain attention to the tokens before, which are cached, and to itself.
void PlainEncoderDecodeCost(const nlohmann::json& config, const Workload& work, CostTally& tally);
// Plain attention of one layer's token to `keys` tokens.
void CachedAttentionCost(const nlohmann::json& config, int64_t keys, CostTally& tally);
// One token of `count` linear recurrences: what the query reads of the state; the state
// itself takes no product.
void RecurrenceStepCost(double count, double keys, double values, CostTally& tally);

// h * B products of n queries with as many keys: plain attention of one layer.
void PlainAttentionCost(const nlohmann::json& config, int64_t tokens, CostTally& tally);

// All rules of a causal model whose heads are gated recurrences, given those of its own.
template <AddGateCost gate>
constexpr ModelRules GatedRecurrenceRules(decltype(ModelRules::parameters) parameters,
                                          decltype(ModelRules::check) check = CheckCausalEncoder) {
  return {.check = check,
          .limits = EncoderLimits,
          .parameters = parameters,
          .cost = [](const nlohmann::json& config, const Workload& /*work*/,
                     CostTally& tally) { GatedRecurrenceCost(config, gate, tally); },
          .decode_cost = [](const nlohmann::json& config, const Workload& /*work*/,
                            CostTally& tally) { GatedRecurrenceDecodeCost(config, gate, tally); },
          .axes = kEncoderAxes};
}

}  // namespace cusp::catalog
