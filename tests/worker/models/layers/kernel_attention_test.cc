#include "worker/models/layers/kernel_attention.h"

#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

// Weights first, as if there were no other way.
at::Tensor ByWeights(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const at::Tensor& keep, double epsilon) {
  const at::Tensor weights = q.matmul(k.transpose(2, 3)).mul(keep.view({q.size(0), 1, 1, -1}));
  return weights.matmul(v).div(weights.sum(-1, true).add(epsilon));
}

TEST(KernelAttentionTest, SumsFirstEqualWeightsFirst) {
  for (const double epsilon : {0.0, 0.3}) {
    const at::Tensor q = RandomNormal({2, 3, 13, 5}, 1, 1, at::kDouble).exp();
    const at::Tensor k = RandomNormal({2, 3, 13, 5}, 2, 1, at::kDouble).exp();
    const at::Tensor v = RandomNormal({2, 3, 13, 4}, 3, 1, at::kDouble);
    at::Tensor keep = ops::Full({2, 13}, 1, at::kBool, at::kCPU);
    EXPECT_LT(
        ScaledDifference(KernelAttention(q, k, v, {}, epsilon), ByWeights(q, k, v, keep, epsilon)),
        1e-12);
    keep.select(0, 1).narrow(0, 6, 5).fill_(false);
    EXPECT_LT(ScaledDifference(KernelAttention(q, k, v, keep, epsilon),
                               ByWeights(q, k, v, keep, epsilon)),
              1e-12);
  }
}

TEST(KernelAttentionTest, WeightColumnMarksRealTokens) {
  const at::Tensor v = RandomNormal({1, 1, 3, 2}, 1);
  at::Tensor keep = ops::Full({1, 3}, 1, at::kBool, at::kCPU);
  keep.select(1, 2).fill_(false);
  const at::Tensor columns = WithWeightColumn(v, keep);
  EXPECT_TRUE(columns.select(3, 2).view({3}).eq(keep.view({3})).all().item<bool>());
  EXPECT_TRUE(columns.narrow(3, 0, 2).narrow(2, 0, 2).equal(v.narrow(2, 0, 2)));
  EXPECT_EQ(columns.select(2, 2).abs().max().item<float>(), 0);
}

}  // namespace
}  // namespace cusp::models
