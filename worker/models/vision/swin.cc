// Swin (Liu et al., 2021): attention in shifted windows.
#include "common/status_macros.h"
#include "worker/models/attention_choice.h"
#include "worker/models/builders.h"
#include "worker/models/vision/swin_backbone.h"

namespace cusp::models {

absl::StatusOr<std::unique_ptr<Model>> BuildSwin(const Config& config, const BuildOptions& build) {
  CUSP_RETURN_IF_ERROR(RequireEager(build, "swin"));
  return std::make_unique<SwinModel>(config, build, SwinVersion::kOne);
}

}  // namespace cusp::models
