#include "worker/runner/adamw.h"

#include <ATen/ops/full.h>
#include <gtest/gtest.h>

#include <cmath>

namespace cusp::runner {
namespace {

at::Tensor Parameter(double value) {
  return at::full({4}, value, at::kDouble).set_requires_grad(true);
}

// Algorithm 2 of Loshchilov and Hutter, for a gradient that stays the same.
double Expected(double value, double gradient, int steps) {
  double m = 0;
  double v = 0;
  for (int t = 1; t <= steps; ++t) {
    m = 0.9 * m + 0.1 * gradient;
    v = 0.999 * v + 0.001 * gradient * gradient;
    const double m_hat = m / (1 - std::pow(0.9, t));
    const double v_hat = v / (1 - std::pow(0.999, t));
    value = value - 1e-6 * 0.01 * value - 1e-6 * m_hat / (std::sqrt(v_hat) + 1e-8);
  }
  return value;
}

TEST(AdamWTest, FollowsTheDefinition) {
  at::Tensor parameter = Parameter(0.5);
  AdamW optimizer({parameter});
  for (int i = 0; i < 3; ++i) {
    parameter.mutable_grad() = at::full({4}, 0.25, at::kDouble);
    optimizer.Step();
  }
  EXPECT_NEAR(parameter[2].item<double>(), Expected(0.5, 0.25, 3), 1e-12);
}

TEST(AdamWTest, DropsGradientsAndLeavesParametersWithoutOne) {
  at::Tensor used = Parameter(1.0);
  const at::Tensor unused = Parameter(1.0);
  AdamW optimizer({used, unused});
  used.mutable_grad() = at::full({4}, 1.0, at::kDouble);
  optimizer.Step();
  EXPECT_FALSE(used.grad().defined());
  EXPECT_LT(used[0].item<double>(), 1.0);
  EXPECT_EQ(unused[0].item<double>(), 1.0);
}

TEST(AdamWTest, DoesNothingWithoutParametersOrGradients) {
  AdamW({}).Step();
  const at::Tensor parameter = Parameter(1.0);
  AdamW optimizer({parameter});
  optimizer.Step();
  EXPECT_EQ(parameter[0].item<double>(), 1.0);
}

}  // namespace
}  // namespace cusp::runner
