#include "catalog/builtin_models.h"
#include "catalog/sequence/decoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys =
    Join(DecoderKeys({.num_key_value_heads = "null", .intermediate_size = "11008"}),
         std::array<Key, 2>{{
             {"attention_bias", "boolean", "false", "biases in the attention's projections"},
             {"mlp_bias", "boolean", "false", "biases in the feed-forward part"},
         }});

constexpr std::array<Size, 4> kSizes = {{
    {"llama-2-7b",
     R"({"vocab_size": 32000, "max_position_embeddings": 4096, "rms_norm_eps": 1e-5})"},
    {"llama-3.2-1b",
     R"({"vocab_size": 128256, "hidden_size": 2048, "num_hidden_layers": 16,
         "num_attention_heads": 32, "num_key_value_heads": 8, "intermediate_size": 8192,
         "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "rope_theta": 500000.0,
         "rope_parameters": {"rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0,
                             "high_freq_factor": 4.0,
                             "original_max_position_embeddings": 8192}})"},
    {"smollm-135m",
     R"({"vocab_size": 49152, "hidden_size": 576, "num_hidden_layers": 30,
         "num_attention_heads": 9, "num_key_value_heads": 3, "intermediate_size": 1536,
         "max_position_embeddings": 2048, "rms_norm_eps": 1e-5})"},
    {"tinyllama-1.1b",
     R"({"vocab_size": 32000, "hidden_size": 2048, "num_hidden_layers": 22,
         "num_attention_heads": 32, "num_key_value_heads": 4, "intermediate_size": 5632,
         "max_position_embeddings": 2048, "rms_norm_eps": 1e-5})"},
}};

void Cost(const Json& config, const Workload& /*work*/, CostTally& tally) {
  DecoderCost(config, /*window=*/0, tally);
}

void DecodeCost(const Json& config, const Workload& /*work*/, CostTally& tally) {
  DecoderDecodeCost(config, /*window=*/0, tally);
}

}  // namespace

constinit const Model kLlama = {
    .name = "llama",
    .what = "causal decoder: rotary positions, grouped queries, gated feed-forward",
    .cost_order = "O(n^2 d + n d^2)",
    .source = "Touvron et al., LLaMA, 2023 (arXiv:2302.13971)",
    .decode = true,
    .attention_backends = true,
    .keys = kKeys,
    .inert_keys = kDecoderInertKeys,
    .sizes = kSizes,
    .lengths = kByContext,
    .rules = {.check = CheckDecoder,
              .finish = FinishDecoder,
              .limits = DecoderLimits,
              .parameters = DecoderParameters,
              .cost = Cost,
              .decode_cost = DecodeCost,
              .axes = kDecoderAxes},
};

}  // namespace cusp::catalog
