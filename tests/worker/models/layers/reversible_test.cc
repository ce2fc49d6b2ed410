#include "worker/models/layers/reversible.h"

#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/worker/models/tiny_models.h"
#include "tests/worker/models/training_checks.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

at::Tensor Weight(uint64_t seed) {
  return RandomNormal({6, 6}, seed, 0.4, at::kDouble).requires_grad_();
}

std::vector<at::Tensor> Weights(int64_t count) {
  std::vector<at::Tensor> weights;
  for (int64_t i = 0; i < count; ++i) {
    weights.push_back(Weight(static_cast<uint64_t>(i) + 10));
  }
  return weights;
}

// tanh(x W), with half of it dropped where `dropout`.
at::Tensor Branch(const at::Tensor& x, const at::Tensor& weight, bool dropout) {
  const at::Tensor y = x.matmul(weight).tanh();
  return dropout ? ops::Dropout(y, 0.5) : y;
}

std::vector<ReversiblePart> Parts(const std::vector<at::Tensor>& weights, bool dropout) {
  std::vector<ReversiblePart> parts;
  for (const at::Tensor& weight : weights) {
    parts.push_back(
        {.branch = [weight, dropout](const at::Tensor& x,
                                     at::Tensor&) { return Branch(x, weight, dropout); },
         .parameters = {weight},
         .random = dropout});
  }
  return parts;
}

// The same with everything kept.
at::Tensor Plain(const std::vector<at::Tensor>& weights, const at::Tensor& x, bool dropout) {
  at::Tensor first = x;
  at::Tensor second = x;
  for (size_t i = 0; i < weights.size(); ++i) {
    at::Tensor& target = i % 2 == 0 ? first : second;
    target = target.add(Branch(i % 2 == 0 ? second : first, weights[i], dropout));
  }
  return ops::Cat({first, second}, -1);
}

TEST(ReversibleTest, ValuesAndGradientsAreThoseOfThePlainLayers) {
  for (const bool dropout : {false, true}) {
    const std::vector<at::Tensor> weights = Weights(8);
    const at::Tensor x = RandomNormal({2, 5, 6}, 1, 1, at::kDouble).requires_grad_();
    const at::Tensor direction = RandomNormal({2, 5, 12}, 2, 1, at::kDouble);
    SeedDropout(5);
    const at::Tensor expected = Plain(weights, x, dropout);
    expected.mul(direction).sum().backward();
    std::vector<at::Tensor> gradients = {x.grad()};
    x.mutable_grad().reset();
    for (const at::Tensor& weight : weights) {
      gradients.push_back(weight.grad());
      weight.mutable_grad().reset();
    }
    SeedDropout(5);
    const at::Tensor output = RunReversible(Parts(weights, dropout), x);
    EXPECT_LT(ScaledDifference(output, expected), 1e-12);
    output.mul(direction).sum().backward();
    EXPECT_LT(ScaledDifference(x.grad(), gradients[0]), 1e-10);
    for (size_t i = 0; i < weights.size(); ++i) {
      EXPECT_LT(ScaledDifference(weights[i].grad(), gradients[i + 1]), 1e-10) << i;
    }
  }
}

TEST(ReversibleTest, RandomNumbersGoOnAsIfNothingHadRunTwice) {
  const std::vector<at::Tensor> weights = Weights(2);
  const at::Tensor x = RandomNormal({1, 3, 6}, 1, 1, at::kDouble).requires_grad_();
  SeedDropout(5);
  const at::Tensor output = RunReversible(Parts(weights, /*dropout=*/true), x);
  const at::Tensor next = ops::Dropout(x.detach(), 0.5);
  SeedDropout(5);
  RunReversible(Parts(weights, true), x).sum().backward();
  EXPECT_TRUE(ops::Dropout(x.detach(), 0.5).equal(next));
}

TEST(ReversibleTest, WhatAPartKeepsComesBack) {
  int runs = 0;
  bool came_back = false;
  const at::Tensor weight = Weight(1);
  const ReversiblePart part = {.branch =
                                   [&](const at::Tensor& x, at::Tensor& kept) {
                                     ++runs;
                                     came_back = kept.defined();
                                     kept = kept.defined() ? kept : x.detach().sum();
                                     return x.matmul(weight);
                                   },
                               .parameters = {weight}};
  const at::Tensor x = RandomNormal({1, 3, 6}, 1, 1, at::kDouble).requires_grad_();
  const at::Tensor output = RunReversible({part}, x);
  EXPECT_EQ(runs, 1);
  EXPECT_FALSE(came_back);
  output.sum().backward();
  EXPECT_EQ(runs, 2);
  EXPECT_TRUE(came_back);
}

TEST(ReversibleTest, InputIsLeftAsItWas) {
  const c10::InferenceMode guard;
  const at::Tensor x = RandomNormal({1, 1, 6}, 1, 1, at::kDouble);
  const at::Tensor before = x.clone();
  RunReversible(Parts(Weights(2), false), x);
  EXPECT_TRUE(x.equal(before));
}

// What is kept for the way back does not grow with depth.
TEST(ReversibleTest, DeepStacksKeepNoMore) {
  const at::Tensor x = RandomNormal({4, 50, 6}, 1, 1, at::kDouble).requires_grad_();
  const auto held = [&](int64_t parts) {
    const std::vector<at::Tensor> weights = Weights(parts);
    return HeldBytes([&] { return RunReversible(Parts(weights, false), x); });
  };
  EXPECT_EQ(held(2), 2 * x.nbytes());
  EXPECT_EQ(held(12), 2 * x.nbytes());
  const auto held_plainly = [&](int64_t parts) {
    const std::vector<at::Tensor> weights = Weights(parts);
    return HeldBytes([&] { return Plain(weights, x, false); });
  };
  EXPECT_GT(held_plainly(12), held_plainly(2) + 10 * static_cast<int64_t>(x.nbytes()));
}

}  // namespace
}  // namespace cusp::models
