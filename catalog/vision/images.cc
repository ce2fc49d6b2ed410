#include "catalog/vision/images.h"

#include <string>

#include "catalog/config_values.h"

namespace cusp::catalog {

using Json = nlohmann::json;

namespace {

constexpr int64_t kWidestImage = 32768;

}  // namespace

std::optional<ConfigFault> CheckPatch(const ConfigCheck& check) {
  const int64_t patch = Int(check.config, "patch_size");
  const int64_t image = Int(check.config, "image_size");
  if (patch <= image) {
    return std::nullopt;
  }
  return ConfigFault{check.given.contains("patch_size") ? "patch_size" : "image_size",
                     "patch_size " + std::to_string(patch) + " exceeds image_size " +
                         std::to_string(image) + "; use a smaller patch"};
}

LengthLimits ImageLimits(const Json& /*config*/, bool /*profiling*/) {
  return {.max = kWidestImage, .max_reason = "no larger image side than 32768 pixels is taken"};
}

int64_t PatchesAlong(const Json& config, int64_t pixels) {
  const int64_t patch = Int(config, "patch_size");
  return RoundUp(pixels, patch) / patch;
}

void PatchCost(const Json& config, int64_t pixels, double features, CostTally& tally) {
  const auto side = static_cast<double>(PatchesAlong(config, pixels));
  const double patch = Real(config, "patch_size");
  const double patches = tally.batch() * side * side;
  tally.Convolution(Component::kFrontEnd,
                    {.inputs = patches * patch * patch,
                     .in = Real(config, "num_channels"),
                     .outputs = patches,
                     .out = features,
                     .groups = 1,
                     .taps = patch * patch},
                    Gradients::kOne);
}

double PatchParameters(const Json& config, double features) {
  const double patch = Real(config, "patch_size");
  return features * (Real(config, "num_channels") * patch * patch + 1);
}

}  // namespace cusp::catalog
