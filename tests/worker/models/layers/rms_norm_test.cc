#include "worker/models/layers/rms_norm.h"

#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

TEST(RmsNormTest, DividesByTheRootMeanSquare) {
  ParameterStore store({});
  const RmsNorm norm(store, "norm", 7, 0.5);
  EXPECT_EQ(store.tensors()[0].first, "norm.weight");
  at::Tensor weight = store.tensors()[0].second;
  weight.copy_(RandomNormal({7}, 2));
  const at::Tensor x = RandomNormal({2, 3, 7}, 1);
  const at::Tensor expected =
      x.div(x.square().mean(at::IntArrayRef{-1}, true).add(0.5).sqrt()).mul(weight);
  EXPECT_LT(ScaledDifference(norm(x), expected), 1e-6);
}

TEST(RmsNormTest, Bfloat16SumsInFloat32) {
  ParameterStore store({.dtype = at::kBFloat16});
  const RmsNorm norm(store, "norm", 4096, 1e-6);
  const at::Tensor x = RandomNormal({1, 4096}, 1).to(at::kBFloat16);
  const at::Tensor y = norm(x);
  EXPECT_EQ(y.scalar_type(), at::kBFloat16);
  const double mean_square = y.to(at::kDouble).square().mean().item<double>();
  // The rounding of single entries averages out; that of a bfloat16 sum would not.
  EXPECT_NEAR(mean_square, 1, 2e-3);
}

TEST(RmsNormTest, InputIsLeftAsItWas) {
  ParameterStore store({});
  const RmsNorm norm(store, "norm", 5, 1e-6);
  const at::Tensor x = RandomNormal({2, 5}, 1);
  const at::Tensor before = x.clone();
  norm(x);
  EXPECT_TRUE(x.equal(before));
}

}  // namespace
}  // namespace cusp::models
