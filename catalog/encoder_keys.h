// Keys and arithmetic that all models with BERT's skeleton share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "catalog/catalog.h"

namespace cusp::catalog {

// Where the families differ.
struct EncoderDefaults {
  std::string_view hidden_act = R"("gelu")";  // as JSON, like the others
  std::string_view layer_norm_eps = "1e-12";
  std::string_view pad_token_id = "0";
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
       1e300,
       "gelu gelu_10 gelu_accurate gelu_fast gelu_new gelu_python gelu_python_tanh "
       "gelu_pytorch_tanh hardswish leaky_relu linear mish quick_gelu relu relu2 relu6 sigmoid "
       "silu swish tanh"},
      {"max_position_embeddings", "integer", "",
       "positions; derived from the job's longest length unless set", 1, 1e8},
      {"type_vocab_size", "integer", "2", "entries of the token-type embedding", 1, 1e6},
      {"layer_norm_eps", "number", defaults.layer_norm_eps, "added to variances", 1e-30, 1.0},
      {"pad_token_id", "integer", defaults.pad_token_id, "token that marks padding", 0, 1e8},
      {"initializer_range", "number", "0.02", "standard deviation of random weights", 1e-12, 10.0},
      {"hidden_dropout_prob", "number", "0.0", "dropout after projections, in training", 0.0, 0.99},
      {"attention_probs_dropout_prob", "number", "0.0", "dropout on attention, in training", 0.0,
       0.99},
      {"is_decoder", "boolean", "false", "causal attention"},
  }};
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

// The integer at `key`, which is there and is one.
inline int64_t Int(const nlohmann::json& config, const char* key) {
  return config.at(key).get<int64_t>();
}

inline double Real(const nlohmann::json& config, const char* key) {
  return config.at(key).get<double>();
}

// The smallest multiple of `quantum` that is at least `length`.
inline int64_t RoundUp(int64_t length, int64_t quantum) {
  return (length + quantum - 1) / quantum * quantum;
}

}  // namespace cusp::catalog
