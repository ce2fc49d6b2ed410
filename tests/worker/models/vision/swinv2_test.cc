#include <gtest/gtest.h>

#include <algorithm>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

// image_size sets the windows when the model is built, whatever comes in later.
TEST(Swinv2Test, WindowFollowsImageSizeAndNotTheInput) {
  nlohmann::json config = TinyConfig("swinv2");
  config["window_size"] = 8;
  const at::Tensor pixels = RandomNormal({1, 3, 64, 64}, 1);
  config["image_size"] = 16;
  const at::Tensor narrow = Infer(*MustBuild(config), {{"pixel_values", pixels}});
  config["image_size"] = 64;
  const at::Tensor wide = Infer(*MustBuild(config), {{"pixel_values", pixels}});
  EXPECT_GT(ScaledDifference(narrow, wide), 1e-2);
}

TEST(Swinv2Test, KeysHaveNoBias) {
  const auto tensors = MustBuild(TinyConfig("swinv2"))->NamedTensors();
  EXPECT_TRUE(std::none_of(tensors.begin(), tensors.end(), [](const auto& one) {
    return one.first.find(".key.bias") != std::string::npos;
  }));
}

}  // namespace
}  // namespace cusp::models
