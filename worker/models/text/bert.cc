// BERT (Devlin et al., 2019), and with is_decoder its causal form: the plain
// baseline, with any of LibTorch's attention kernels.
#include "common/status_macros.h"
#include "worker/models/builders.h"
#include "worker/models/text/plain_encoder.h"

namespace cusp::models {

absl::StatusOr<std::unique_ptr<Model>> BuildBert(const Config& config, const BuildOptions& build) {
  CUSP_ASSIGN_OR_RETURN(const EncoderVariant variant,
                        PlainEncoder(AttentionShapeOf(config, build), build));
  return std::make_unique<EncoderModel>(config, variant, build);
}

}  // namespace cusp::models
