// The low-rank Transformer (Winata et al., 2020): BERT with every matrix of
// attention and feed-forward part in two thin factors.
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/plain_attention.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {

absl::StatusOr<std::unique_ptr<Model>> BuildLrt(const Config& config, const BuildOptions& build) {
  AttentionShape shape = AttentionShapeOf(config, build);
  shape.linear.rank = config.Int("rank");
  CUSP_ASSIGN_OR_RETURN(const AttentionBackend backend, ChooseBackend(shape, build));
  EncoderVariant variant;
  variant.linear = shape.linear;
  variant.make_attention = [shape, backend](ParameterStore& store, const std::string& prefix,
                                            int64_t) {
    return std::make_unique<PlainAttention>(store, prefix, shape, backend);
  };
  return std::make_unique<EncoderModel>(config, variant, build);
}

}  // namespace cusp::models
