#include "worker/models/vision/image_model.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/models/layers/ops.h"
#include "worker/models/signal_inputs.h"

namespace cusp::models {

ImageModel::ImageModel(const Config& config, const BuildOptions& build)
    : StoredModel(config, build),
      channels_(config.Int("num_channels")),
      patch_(config.Int("patch_size")) {}

absl::Status ImageModel::CheckInputs(const Inputs& inputs) const {
  CUSP_RETURN_IF_ERROR(CheckSignal(inputs, "pixel_values", {}));
  const at::Tensor& pixels = inputs.at("pixel_values");
  if (pixels.dim() != 4 || pixels.size(1) != channels_ || pixels.numel() == 0) {
    return absl::InvalidArgumentError(absl::StrCat("pixel_values: expected [batch, ", channels_,
                                                   ", height, width], none of them 0, got ",
                                                   ShapeAndType(pixels)));
  }
  for (const int64_t side : {pixels.size(2), pixels.size(3)}) {
    CUSP_RETURN_IF_ERROR(Annotate(CheckLength(side), "pixel_values"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Inputs> ImageModel::RandomInputs(int64_t length, int64_t batch_size,
                                                uint64_t seed) const {
  CUSP_RETURN_IF_ERROR(CheckLength(length));
  CUSP_ASSIGN_OR_RETURN(at::Tensor pixels,
                        RandomSignal({batch_size, channels_, length, length}, build(), seed));
  return Inputs{{"pixel_values", std::move(pixels)}};
}

at::Tensor ImageModel::Pixels(const Inputs& inputs) const {
  return inputs.at("pixel_values").to(build().dtype);
}

at::Tensor ImageModel::WholePatches(const Inputs& inputs) const {
  const at::Tensor pixels = Pixels(inputs);
  const int64_t below = (patch_ - pixels.size(2) % patch_) % patch_;
  const int64_t right = (patch_ - pixels.size(3) % patch_) % patch_;
  return below + right == 0 ? pixels : ops::Pad(pixels, {0, right, 0, below}, 0);
}

}  // namespace cusp::models
