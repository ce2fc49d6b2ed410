#include "worker/models/layers/parameter_store.h"

#include <gtest/gtest.h>

#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

TEST(ParameterStoreTest, DrawsWithTheDeviationAskedFor) {
  ParameterStore store({.initializer_range = 0.3});
  const at::Tensor x = store.Normal("x", {10'000});
  EXPECT_NEAR(x.square().mean().sqrt().item<double>(), 0.3, 0.01);
}

TEST(ParameterStoreTest, TypeRoundsTheSameDraws) {
  ParameterStore single({.seed = 3});
  ParameterStore half({.dtype = at::kBFloat16, .seed = 3});
  EXPECT_TRUE(single.Normal("x", {100}).to(at::kBFloat16).equal(half.Normal("x", {100})));
}

TEST(ParameterStoreTest, BuffersAreStoredButNotTrained) {
  ParameterStore store({.training = true});
  store.Normal("weight", {3});
  const at::Tensor buffer = store.Buffer("features", ops::Full({2}, 5, at::kFloat, at::kCPU));
  EXPECT_FALSE(buffer.requires_grad());
  EXPECT_EQ(store.tensors().size(), 2U);
  ASSERT_EQ(store.parameters().size(), 1U);
  EXPECT_EQ(store.parameters()[0].numel(), 3);
}

TEST(ParameterStoreTest, GradientsOnlyInTraining) {
  ParameterStore inference({});
  ParameterStore training({.training = true});
  EXPECT_FALSE(inference.Constant("x", {2}, 1).requires_grad());
  EXPECT_TRUE(training.Constant("x", {2}, 1).requires_grad());
}

}  // namespace
}  // namespace cusp::models
