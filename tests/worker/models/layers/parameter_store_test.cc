#include "worker/models/layers/parameter_store.h"

#include <gtest/gtest.h>

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

TEST(ParameterStoreTest, CountingAllocatesNothing) {
  ParameterStore store = ParameterStore::Counting({});
  EXPECT_FALSE(store.Normal("x", {int64_t{1} << 40, int64_t{1} << 40}).defined());
  EXPECT_FALSE(store.Constant("y", {10}, 1).defined());
  EXPECT_EQ(store.bytes(), 0x1p82 + 40);
  EXPECT_TRUE(store.tensors().empty());
}

TEST(ParameterStoreTest, GradientsOnlyInTraining) {
  ParameterStore inference({});
  ParameterStore training({.training = true});
  EXPECT_FALSE(inference.Constant("x", {2}, 1).requires_grad());
  EXPECT_TRUE(training.Constant("x", {2}, 1).requires_grad());
}

}  // namespace
}  // namespace cusp::models
