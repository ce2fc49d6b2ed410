#include "worker/models/vision/image_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

TEST(ImageModelTest, WrongChannelsOrShapesAreRefused) {
  const auto model = MustBuild(TinyConfig("vit"));
  for (const auto& sizes :
       std::vector<std::vector<int64_t>>{{1, 4, 8, 8}, {3, 8, 8}, {0, 3, 8, 8}}) {
    EXPECT_THAT(model->CheckInputs({{"pixel_values", RandomNormal(sizes, 1)}}),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("expected [batch, 3, height, width]")));
  }
  EXPECT_THAT(model->CheckInputs({{"pixel_values", RandomNormal({1, 3, 8, 3}, 1)}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("a patch must fit in")));
}

TEST(ImageModelTest, RandomImagesAreSquare) {
  const auto model = MustBuild(TinyConfig("vit"));
  const auto inputs = model->RandomInputs(17, 2, 1);
  ASSERT_THAT(inputs, IsOk());
  EXPECT_EQ(inputs->at("pixel_values").sizes(), at::IntArrayRef({2, 3, 17, 17}));
}

}  // namespace
}  // namespace cusp::models
