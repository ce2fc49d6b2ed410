#include "worker/models/layers/feed_forward.h"

#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

TEST(FeedForwardTest, IsTwoMatricesAroundTheActivation) {
  ParameterStore store({.initializer_range = 0.5});
  const FeedForward layer(store, "ff", {.hidden_size = 6, .intermediate_size = 9});
  ASSERT_EQ(store.tensors().size(), 2U);
  EXPECT_EQ(store.tensors()[0].first, "ff.wi.weight");
  EXPECT_EQ(store.tensors()[1].first, "ff.wo.weight");
  const at::Tensor x = RandomNormal({2, 3, 6}, 1);
  const at::Tensor expected =
      x.matmul(store.tensors()[0].second.t()).clamp_min(0).matmul(store.tensors()[1].second.t());
  EXPECT_LT(ScaledDifference(layer(x), expected), 1e-5);
}

}  // namespace
}  // namespace cusp::models
