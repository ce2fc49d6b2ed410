// Llama (Touvron et al., 2023).
#include "worker/models/builders.h"
#include "worker/models/sequence/decoder_model.h"

namespace cusp::models {

absl::StatusOr<std::unique_ptr<Model>> BuildLlama(const Config& config, const BuildOptions& build) {
  return DecoderModel::Build(config, build, /*window=*/0);
}

}  // namespace cusp::models
