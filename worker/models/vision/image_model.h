// Models that read images.
#pragma once

#include <cstdint>

#include "worker/models/stored_model.h"

namespace cusp::models {

// Checks and draws pixel_values [B, C, H, W], by the configuration's num_channels.
// Random images are square.
class ImageModel : public StoredModel {
 public:
  ImageModel(const Config& config, const BuildOptions& build);

  absl::Status CheckInputs(const Inputs& inputs) const override;
  absl::StatusOr<Inputs> RandomInputs(int64_t length, int64_t batch_size,
                                      uint64_t seed) const override;

 protected:
  // pixel_values in the model's type, the last patch of each axis filled up with zeros.
  at::Tensor WholePatches(const Inputs& inputs) const;
  // … in the model's type alone.
  at::Tensor Pixels(const Inputs& inputs) const;
  int64_t channels() const { return channels_; }
  int64_t patch() const { return patch_; }

 private:
  int64_t channels_;
  int64_t patch_;
};

}  // namespace cusp::models
