// Mistral (Jiang et al., 2023): Llama within a sliding window.
#include "worker/models/builders.h"
#include "worker/models/sequence/decoder_model.h"

namespace cusp::models {

absl::StatusOr<std::unique_ptr<Model>> BuildMistral(const Config& config,
                                                    const BuildOptions& build) {
  return DecoderModel::Build(config, build, config.OptionalInt("sliding_window").value_or(0));
}

}  // namespace cusp::models
