// Swin V2 (Liu et al., 2022): cosine attention and computed biases in shifted windows.
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/vision/swin_backbone.h"

namespace cusp::models {

absl::StatusOr<std::unique_ptr<Model>> BuildSwinv2(const Config& config,
                                                   const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "swinv2"));
  return std::make_unique<SwinModel>(config, build, SwinVersion::kTwo);
}

}  // namespace cusp::models
