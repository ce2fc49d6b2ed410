// ALBERT (Lan et al., 2020): groups of layers share their parameters, and small
// embeddings are projected to the hidden size.
#include "catalog/text/albert.h"

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/models/builders.h"
#include "worker/models/text/plain_encoder.h"

namespace cusp::models {

absl::StatusOr<std::unique_ptr<Model>> BuildAlbert(const Config& config,
                                                   const BuildOptions& build) {
  CUSP_ASSIGN_OR_RETURN(EncoderVariant variant,
                        PlainEncoder(AttentionShapeOf(config, build), build));
  const int64_t inner = config.Int("inner_group_num");
  variant.embedding_size = config.Int("embedding_size");
  variant.embedding_projection = "encoder.embedding_hidden_mapping_in";
  variant.layers = config.Int("num_hidden_groups") * inner;
  for (int64_t i = 0; i < config.Int("num_hidden_layers"); ++i) {
    const int64_t group = catalog::AlbertGroup(config.values(), i);
    for (int64_t j = 0; j < inner; ++j) {
      variant.order.push_back(static_cast<size_t>(group * inner + j));
    }
  }
  variant.layer_prefix = [inner](int64_t layer) {
    return absl::StrCat("encoder.albert_layer_groups.", layer / inner, ".albert_layers.",
                        layer % inner);
  };
  variant.attention_prefix = "attention";
  variant.layer_names = {.attention_output = "attention.dense",
                         .attention_norm = "attention.LayerNorm",
                         .intermediate = "ffn",
                         .output = "ffn_output",
                         .output_norm = "full_layer_layer_norm"};
  return std::make_unique<EncoderModel>(config, variant, build);
}

}  // namespace cusp::models
