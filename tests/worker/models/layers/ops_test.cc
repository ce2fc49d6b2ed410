#include "worker/models/layers/ops.h"

#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

TEST(OpsTest, ScaledBmmIsProductTimesScale) {
  const at::Tensor a = RandomNormal({2, 3, 4}, 1);
  const at::Tensor b = RandomNormal({2, 4, 5}, 2);
  EXPECT_LT(ScaledDifference(ops::ScaledBmm(a, b, 0.3), a.bmm(b).mul(0.3)), 1e-6);
}

TEST(OpsTest, AddBmmBroadcastsItsFirstTerm) {
  const at::Tensor a = RandomNormal({2, 3, 4}, 1);
  const at::Tensor b = RandomNormal({2, 4, 5}, 2);
  const at::Tensor c = RandomNormal({1, 3, 5}, 3);
  EXPECT_LT(ScaledDifference(ops::AddBmm(c, a, b, 2, -0.5), c.mul(2).sub(a.bmm(b).mul(0.5))), 1e-6);
}

TEST(OpsTest, DepthwiseConvolutionMixesNoChannels) {
  const at::Tensor x = RandomNormal({1, 3, 7, 2}, 1);
  at::Tensor weight = ops::Full({3, 1, 3, 1}, 0, at::kFloat, at::kCPU);
  weight.select(0, 1).fill_(1);
  const at::Tensor y = ops::DepthwiseConv2d(x, weight, {1, 0});
  EXPECT_EQ(y.sizes(), x.sizes());
  EXPECT_EQ(y.select(1, 0).abs().max().item<float>(), 0);
  const at::Tensor sums = x.select(1, 1).narrow(1, 0, 3).sum(1);
  EXPECT_LT(ScaledDifference(y.select(1, 1).select(1, 1), sums), 1e-6);
}

TEST(OpsTest, GeneratorsOfOneSeedAgree) {
  EXPECT_TRUE(RandomNormal({10}, 4).equal(RandomNormal({10}, 4)));
  EXPECT_FALSE(RandomNormal({10}, 4).equal(RandomNormal({10}, 5)));
}

TEST(OpsTest, CopyIntoAParameterIsNotRecorded) {
  at::Tensor parameter = RandomNormal({3}, 1).requires_grad_();
  ops::CopyWithoutGradient(parameter, RandomNormal({3}, 2));
  EXPECT_TRUE(parameter.is_leaf());
  EXPECT_TRUE(parameter.detach().equal(RandomNormal({3}, 2)));
}

}  // namespace
}  // namespace cusp::models
