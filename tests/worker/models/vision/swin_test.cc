#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

TEST(SwinTest, WindowIsClampedToSmallMaps) {
  nlohmann::json config = TinyConfig("swin");
  config["window_size"] = 7;
  const auto model = MustBuild(config);
  for (const int64_t side : {1, 9, 16, 33}) {
    const at::Tensor output =
        Infer(*model, {{"pixel_values", RandomNormal({1, 3, side, side}, 1)}});
    EXPECT_TRUE(output.isfinite().all().item<bool>()) << side;
  }
}

TEST(SwinTest, FusedAttentionIsRefused) {
  for (const char* type : {"swin", "swinv2", "ssformer"}) {
    EXPECT_THAT(BuildModel(TinyConfig(type).dump(), {.attention = "sdpa"}),
                StatusIs(absl::StatusCode::kInvalidArgument, ::testing::HasSubstr("only eager")));
  }
}

}  // namespace
}  // namespace cusp::models
