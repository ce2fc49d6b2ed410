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

TEST(ParameterStoreTest, DeviationHoldsFromWhereItIsSet) {
  ParameterStore store({.initializer_range = 0.3});
  const at::Tensor before = store.Normal("x", {10'000});
  store.set_initializer_range(2);
  const at::Tensor after = store.Normal("y", {10'000});
  EXPECT_NEAR(before.square().mean().sqrt().item<double>(), 0.3, 0.01);
  EXPECT_NEAR(after.square().mean().sqrt().item<double>(), 2, 0.1);
}

TEST(ParameterStoreTest, RemovedTensorsAreForgotten) {
  ParameterStore store({});
  store.Normal("decoder.x", {3});
  store.Normal("encoder.x", {4});
  store.Normal("decoder.y", {5});
  store.Remove("decoder.");
  ASSERT_EQ(store.tensors().size(), 1U);
  EXPECT_EQ(store.tensors()[0].first, "encoder.x");
  ASSERT_EQ(store.parameters().size(), 1U);
  EXPECT_EQ(store.parameters()[0].numel(), 4);
}

TEST(ParameterStoreTest, LayersShareWhatTheFirstHas) {
  ParameterStore store({.share_layers = true});
  store.ShareLayer("layers.0", "layers.0");
  const at::Tensor first = store.Normal("layers.0.weight", {3});
  store.ShareLayer("layers.10", "layers.0");
  EXPECT_TRUE(store.Normal("layers.10.weight", {3}).is_same(first));
  EXPECT_FALSE(store.Constant("layers.10.bias", {3}, 1).is_same(first));
  EXPECT_FALSE(store.Normal("layers.1.weight", {3}).is_same(first));
  EXPECT_EQ(store.tensors().size(), 3U);
  EXPECT_EQ(store.parameters().size(), 3U);
}

TEST(ParameterStoreTest, LayersShareNothingUnlessAsked) {
  ParameterStore store({});
  const at::Tensor first = store.Normal("layers.0.weight", {3});
  store.ShareLayer("layers.1", "layers.0");
  EXPECT_FALSE(store.Normal("layers.1.weight", {3}).is_same(first));
}

TEST(ParameterStoreTest, GradientsOnlyInTraining) {
  ParameterStore inference({});
  ParameterStore training({.training = true});
  EXPECT_FALSE(inference.Constant("x", {2}, 1).requires_grad());
  EXPECT_TRUE(training.Constant("x", {2}, 1).requires_grad());
}

}  // namespace
}  // namespace cusp::models
