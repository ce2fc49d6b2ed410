// DistilBERT (Sanh et al., 2019): BERT with half the layers, no token types, and
// names of its own.
#include "catalog/text/distilbert.h"

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/models/builders.h"
#include "worker/models/text/plain_encoder.h"

namespace cusp::models {

absl::StatusOr<std::unique_ptr<Model>> BuildDistilbert(const Config& given,
                                                       const BuildOptions& build) {
  const Config config = given.With(catalog::EncoderKeysOfDistilbert(given.values()));
  AttentionShape shape = AttentionShapeOf(config, build);
  shape.names = {.query = "q_lin", .key = "k_lin", .value = "v_lin"};
  CUSP_ASSIGN_OR_RETURN(EncoderVariant variant, PlainEncoder(shape, build));
  variant.layer_prefix = [](int64_t layer) { return absl::StrCat("transformer.layer.", layer); };
  variant.attention_prefix = "attention";
  variant.layer_names = {.attention_output = "attention.out_lin",
                         .attention_norm = "sa_layer_norm",
                         .intermediate = "ffn.lin1",
                         .output = "ffn.lin2",
                         .output_norm = "output_layer_norm"};
  return std::make_unique<EncoderModel>(config, variant, build);
}

}  // namespace cusp::models
