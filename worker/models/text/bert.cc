// BERT (Devlin et al., 2019), and with is_decoder its causal form: the plain
// baseline, with any of LibTorch's attention kernels.
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/layers/plain_attention.h"
#include "worker/models/text/encoder_model.h"

namespace cusp::models {

absl::StatusOr<std::unique_ptr<Model>> BuildBert(const Config& config, const BuildOptions& build) {
  const AttentionShape shape = AttentionShapeOf(config, build);
  CUSP_ASSIGN_OR_RETURN(const AttentionBackend backend, ChooseBackend(shape, build));
  EncoderVariant variant;
  variant.make_attention = [shape, backend](ParameterStore& store, const std::string& prefix,
                                            int64_t) {
    return std::make_unique<PlainAttention>(store, prefix, shape, backend);
  };
  return std::make_unique<EncoderModel>(config, variant, build);
}

}  // namespace cusp::models
