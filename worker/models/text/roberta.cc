// RoBERTa (Liu et al., 2019): BERT, but positions count real tokens from the
// padding token's number on.
#include "common/status_macros.h"
#include "worker/models/builders.h"
#include "worker/models/text/plain_encoder.h"

namespace cusp::models {

absl::StatusOr<std::unique_ptr<Model>> BuildRoberta(const Config& config,
                                                    const BuildOptions& build) {
  CUSP_ASSIGN_OR_RETURN(EncoderVariant variant,
                        PlainEncoder(AttentionShapeOf(config, build), build));
  variant.positions = Positions::kAfterPadding;
  return std::make_unique<EncoderModel>(config, variant, build);
}

}  // namespace cusp::models
