#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

constexpr auto kKeys = EncoderKeys({.pad_token_id = "1"});

constexpr std::array<Size, 2> kSizes = {{
    {"roberta-base",
     R"({"vocab_size": 50265, "type_vocab_size": 1, "layer_norm_eps": 1e-05,
         "max_position_embeddings": 514})"},
    {"roberta-large",
     R"({"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
         "intermediate_size": 4096, "vocab_size": 50265, "type_vocab_size": 1,
         "layer_norm_eps": 1e-05, "max_position_embeddings": 514})"},
}};

}  // namespace

constinit const Model kRoberta = {
    .name = "roberta",
    .what = "bert with positions that count from the padding token's number",
    .cost_order = "O(n^2 d + n d^2)",
    .source = "Liu et al., RoBERTa, 2019 (arXiv:1907.11692)",
    .attention_backends = true,
    .keys = kKeys,
    .sizes = kSizes,
    .lengths = kByPositionsAfterPadding,
    .rules = {.check = CheckEncoder,
              .positions_for = PositionsAfterPadding,
              .limits = LimitsAfterPadding,
              .parameters = EncoderParameters,
              .cost = PlainEncoderCost,
              .axes = kEncoderAxes},
};

}  // namespace cusp::catalog
