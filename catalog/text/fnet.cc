#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

using Json = nlohmann::json;

constexpr auto kKeys = Without(
    EncoderKeys({.hidden_act = R"("gelu_new")", .pad_token_id = "3", .type_vocab_size = "4"}),
    std::array<std::string_view, 3>{"num_attention_heads", "attention_probs_dropout_prob",
                                    "is_decoder"});

// Configurations made for a family of models speak of attention too. The
// optimisation replaces the transform by products with matrices of
// tpu_short_seq_length.
constexpr std::array<InertKey, 4> kInertKeys = {{
    {"attention_probs_dropout_prob"},
    {"num_attention_heads"},
    {"tpu_short_seq_length"},
    {"use_tpu_fourier_optimizations", "false"},
}};

constexpr std::array<Size, 2> kSizes = {{
    {"fnet-base", R"({"vocab_size": 32000, "max_position_embeddings": 512})"},
    {"fnet-large",
     R"({"hidden_size": 1024, "num_hidden_layers": 24, "intermediate_size": 4096,
         "vocab_size": 32000, "max_position_embeddings": 512})"},
}};

void Shape(const Preset& preset, Json& config) {
  config["num_hidden_layers"] = preset.num_hidden_layers;
  config["hidden_size"] = preset.hidden_size;
  config["intermediate_size"] = preset.intermediate_size;
}

// No attention: its projections go, that of the embeddings comes.
double Parameters(const Json& config) {
  const double d = Real(config, "hidden_size");
  const double projection = d * d + d;
  return EncoderParameters(config) + projection -
         Real(config, "num_hidden_layers") * 4 * projection;
}

// The transforms themselves are no products.
void Cost(const Json& config, const Workload& work, CostTally& tally) {
  const double rows = tally.batch() * static_cast<double>(work.length);
  const double d = Real(config, "hidden_size");
  tally.Linear(Component::kEmbedding, rows, d, d);
  for (int64_t layer = 0; layer < Int(config, "num_hidden_layers"); ++layer) {
    FeedForwardCost(config, rows, tally);
  }
}

}  // namespace

constinit const Model kFnet = {
    .name = "fnet",
    .what = "Fourier transforms instead of attention",
    .cost_order = "O(n log n d + n d^2)",
    .source = "Lee-Thorp et al., FNet, NAACL 2022",
    .keys = kKeys,
    .inert_keys = kInertKeys,
    .sizes = kSizes,
    .lengths = kByPositions,
    .rules = {.check = CheckPad,
              .shape = Shape,
              .limits = EncoderLimits,
              .parameters = Parameters,
              .cost = Cost,
              .axes = kEncoderAxes},
};

}  // namespace cusp::catalog
