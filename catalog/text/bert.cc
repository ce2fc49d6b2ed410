#include "catalog/builtin_models.h"
#include "catalog/text/encoder.h"

namespace cusp::catalog {
namespace {

constexpr auto kKeys = EncoderKeys({});

constexpr std::array<Size, 2> kSizes = {{
    {"bert-base", R"({"max_position_embeddings": 512})"},
    {"bert-large",
     R"({"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
         "intermediate_size": 4096, "max_position_embeddings": 512})"},
}};

}  // namespace

constinit const Model kBert = {
    .name = "bert",
    .what = "plain post-norm encoder: the baseline",
    .cost_order = "O(n^2 d + n d^2)",
    .source = "Devlin et al., BERT, NAACL 2019",
    .decode = true,
    .attention_backends = true,
    .keys = kKeys,
    .sizes = kSizes,
    .lengths = kByPositions,
    .rules = {.check = CheckEncoder,
              .limits = EncoderLimits,
              .parameters = EncoderParameters,
              .cost = PlainEncoderCost,
              .decode_cost = PlainEncoderDecodeCost,
              .axes = kEncoderAxes},
};

}  // namespace cusp::catalog
