#include <algorithm>

#include "catalog/builtin_models.h"
#include "catalog/sequence/decoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys =
    Join(DecoderKeys({.num_key_value_heads = "8", .intermediate_size = "14336"}),
         std::array<Key, 1>{
             {{"sliding_window", "integer or null", "4096",
               "tokens that one attends to, itself included; null: all before it", 1, 1e8}}});

constexpr std::array<Size, 1> kSizes = {{
    {"mistral-7b",
     R"({"vocab_size": 32000, "max_position_embeddings": 32768, "rms_norm_eps": 1e-5})"},
}};

// Four query heads to one of keys and values, as in the published size.
void Shape(const Preset& preset, Json& config) {
  UsualShape(preset, config);
  const int64_t heads = preset.num_attention_heads;
  config["num_key_value_heads"] = heads % 4 == 0 ? heads / 4 : 1;
}

int64_t Window(const Json& config) {
  const Json& window = config.at("sliding_window");
  return window.is_null() ? 0 : window.get<int64_t>();
}

void Cost(const Json& config, const Workload& /*work*/, CostTally& tally) {
  DecoderCost(config, Window(config), tally);
}

void DecodeCost(const Json& config, const Workload& /*work*/, CostTally& tally) {
  DecoderDecodeCost(config, Window(config), tally);
}

}  // namespace

constinit const Model kMistral = {
    .name = "mistral",
    .what = "causal decoder that looks back over a sliding window",
    .cost_order = "O(n w d + n d^2)",
    .source = "Jiang et al., Mistral 7B, 2023 (arXiv:2310.06825)",
    .decode = true,
    .attention_backends = true,
    .keys = kKeys,
    .inert_keys = kDecoderInertKeys,
    .sizes = kSizes,
    .lengths = kByContext,
    .rules = {.check = CheckDecoder,
              .shape = Shape,
              .finish = FinishDecoder,
              .limits = DecoderLimits,
              .parameters = DecoderParameters,
              .cost = Cost,
              .decode_cost = DecodeCost,
              .axes = kDecoderAxes},
};

}  // namespace cusp::catalog
