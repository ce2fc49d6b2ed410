#include "worker/models/layers/ops_conv.h"

#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

TEST(OpsConvTest, Conv1dSlidesItsTaps) {
  const at::Tensor x = RandomNormal({2, 4, 11}, 1);
  const at::Tensor weight = RandomNormal({6, 2, 3}, 2);
  const at::Tensor bias = RandomNormal({6}, 3);
  const at::Tensor y = ops::Conv1d(x, weight, bias, {.stride = 2, .padding = 1, .groups = 2});
  ASSERT_EQ(y.sizes(), at::IntArrayRef({2, 6, 6}));
  // Output 1 of channel 4 (second group) sees inputs 1 to 3 of channels 2 and 3.
  const at::Tensor seen = x.select(0, 1).narrow(0, 2, 2).narrow(1, 1, 3);
  const at::Tensor expected = seen.mul(weight.select(0, 4)).sum().add(bias.select(0, 4));
  EXPECT_LT(ScaledDifference(y.select(0, 1).select(0, 4).select(0, 1), expected), 1e-6);
}

TEST(OpsConvTest, Conv2dOfItsOwnStrideCutsPatches) {
  const at::Tensor x = RandomNormal({1, 3, 6, 9}, 1);
  const at::Tensor weight = RandomNormal({5, 3, 3, 3}, 2);
  const at::Tensor y = ops::Conv2d(x, weight, {}, {.stride = 3});
  ASSERT_EQ(y.sizes(), at::IntArrayRef({1, 5, 2, 3}));
  const at::Tensor patch = x.narrow(2, 3, 3).narrow(3, 6, 3);
  EXPECT_LT(
      ScaledDifference(y.select(2, 1).select(2, 2), weight.mul(patch).sum({1, 2, 3}).unsqueeze(0)),
      1e-6);
}

TEST(OpsConvTest, PaddingMayDifferBetweenAxes) {
  const at::Tensor x = RandomNormal({2, 3, 6, 4}, 1);
  const at::Tensor weight = RandomNormal({5, 3, 3, 3}, 2);
  const at::Tensor y = ops::PaddedConv2d(x, weight, {}, {0, 1});
  ASSERT_EQ(y.sizes(), at::IntArrayRef({2, 5, 4, 4}));
  const at::Tensor padded = ops::Pad(x, {1, 1}, 0);
  EXPECT_LT(ScaledDifference(y, ops::Conv2d(padded, weight, {})), 1e-6);
}

TEST(OpsConvTest, GroupNormLeavesZeroMeanAndUnitVarianceInEachGroup) {
  const at::Tensor x = RandomNormal({2, 6, 40}, 1).mul(3).add(5);
  const at::Tensor y =
      ops::GroupNorm(x, 3, ops::Full({6}, 1, at::kFloat, at::kCPU), {}, 1e-5).view({2, 3, 80});
  EXPECT_LT(y.mean(-1).abs().max().item<double>(), 1e-5);
  EXPECT_LT(y.square().mean(-1).sub(1).abs().max().item<double>(), 1e-4);
}

TEST(OpsConvTest, ResizingKeepsWhatIsConstant) {
  const at::Tensor x = ops::Full({1, 2, 3, 4}, 7, at::kFloat, at::kCPU);
  const at::Tensor expected = ops::Full({1, 2, 5, 9}, 7, at::kFloat, at::kCPU);
  EXPECT_LT(ScaledDifference(ops::ResizeBicubic(x, 5, 9), expected), 1e-6);
  EXPECT_LT(ScaledDifference(ops::ResizeBilinear(x, 5, 9), expected), 1e-6);
}

TEST(OpsConvTest, BilinearIsTheMeanHalfWayBetween) {
  const at::Tensor x = ops::Arange(4, at::kCPU).to(at::kFloat).view({1, 1, 2, 2});
  EXPECT_FLOAT_EQ(ops::ResizeBilinear(x, 1, 1).item<float>(), 1.5F);
}

}  // namespace
}  // namespace cusp::models
