#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

TEST(VitTest, ProfilingFillsUpTheLastPatchAndTheReferenceCutsItOff) {
  const at::Tensor pixels = RandomNormal({1, 3, 18, 18}, 1);
  const auto cutting = MustBuild(TinyConfig("vit"));
  const auto filling = MustBuild(TinyConfig("vit"), {.profiling = true});
  const at::Tensor cut = Infer(*cutting, {{"pixel_values", pixels}});
  EXPECT_EQ(cut.size(1), 4 * 4 + 1);
  EXPECT_EQ(Infer(*filling, {{"pixel_values", pixels}}).size(1), 5 * 5 + 1);
  const at::Tensor whole = pixels.narrow(2, 0, 16).narrow(3, 0, 16).contiguous();
  EXPECT_LT(ScaledDifference(cut, Infer(*cutting, {{"pixel_values", whole}})), 1e-6);
}

TEST(VitTest, ImagesNeedNotBeSquare) {
  const auto model = MustBuild(TinyConfig("vit"));
  EXPECT_EQ(Infer(*model, {{"pixel_values", RandomNormal({2, 3, 8, 20}, 1)}}).sizes(),
            at::IntArrayRef({2, 2 * 5 + 1, 16}));
}

TEST(VitTest, FusedKernelsGiveTheSame) {
  const Inputs inputs = TinyInputs("vit", 24, 1);
  const at::Tensor eager = Infer(*MustBuild(TinyConfig("vit")), inputs);
  for (const char* attention : {"sdpa", "math", "flash"}) {
    const auto model = MustBuild(TinyConfig("vit"), {.attention = attention});
    EXPECT_LT(ScaledDifference(Infer(*model, inputs), eager), 1e-5) << attention;
  }
}

}  // namespace
}  // namespace cusp::models
