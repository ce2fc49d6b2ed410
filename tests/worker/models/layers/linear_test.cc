#include "worker/models/layers/linear.h"

#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

TEST(LinearTest, RegistersReferenceNamesAndMultiplies) {
  ParameterStore store({});
  const Linear linear(store, "a.b", 3, 5);
  ASSERT_EQ(store.tensors().size(), 2U);
  EXPECT_EQ(store.tensors()[0].first, "a.b.weight");
  EXPECT_EQ(store.tensors()[1].first, "a.b.bias");
  store.tensors()[1].second.select(0, 0).fill_(2);
  const at::Tensor x = RandomNormal({4, 3}, 1);
  const at::Tensor expected =
      x.matmul(store.tensors()[0].second.t()).add(store.tensors()[1].second);
  EXPECT_LT(ScaledDifference(linear(x), expected), 1e-6);
}

TEST(LinearTest, LowRankGoesThroughTwoMatrices) {
  ParameterStore store({.initializer_range = 1});
  const Linear linear(store, "a", 6, 5, {.rank = 2});
  ASSERT_EQ(store.tensors().size(), 3U);
  EXPECT_EQ(store.tensors()[0].first, "a.down.weight");
  EXPECT_EQ(store.tensors()[1].first, "a.up.weight");
  EXPECT_EQ(store.tensors()[2].first, "a.up.bias");
  const at::Tensor x = RandomNormal({4, 6}, 1);
  const at::Tensor expected =
      x.matmul(store.tensors()[0].second.t()).matmul(store.tensors()[1].second.t());
  EXPECT_LT(ScaledDifference(linear(x), expected), 1e-6);
}

TEST(LinearTest, WithoutBiasThereIsNone) {
  ParameterStore store({});
  const Linear linear(store, "a", 3, 5, {.bias = false});
  EXPECT_EQ(store.tensors().size(), 1U);
  EXPECT_EQ(linear(RandomNormal({4, 3}, 1)).sizes(), at::IntArrayRef({4, 5}));
}

TEST(LayerNormTest, StartsWithMeanZeroAndDeviationOne) {
  ParameterStore store({});
  const LayerNorm norm(store, "n", 64, 1e-12);
  const at::Tensor y = norm(RandomNormal({2, 64}, 1, 5).add(3));
  EXPECT_NEAR(y.mean().item<double>(), 0, 1e-6);
  EXPECT_NEAR(y.square().mean().item<double>(), 1, 1e-5);
}

}  // namespace
}  // namespace cusp::models
