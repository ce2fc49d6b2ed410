#include <gtest/gtest.h>

#include <cmath>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models::ops {
namespace {

TEST(OpsMathTest, EluBendsAtZero) {
  const at::Tensor x = RandomNormal({50}, 1, 2);
  const at::Tensor expected = Where(x.gt(0), x, x.exp().sub(1));
  EXPECT_LT(ScaledDifference(Elu(x), expected), 1e-6);
}

TEST(OpsMathTest, LogSigmoidKeepsItsSlopeFarBelowZero) {
  at::Tensor x = Full({1}, -500, at::kFloat, at::kCPU).requires_grad_(true);
  const at::Tensor y = LogSigmoid(x);
  y.sum().backward();
  EXPECT_FLOAT_EQ(y.item<float>(), -500);
  EXPECT_FLOAT_EQ(x.grad().item<float>(), 1);
}

TEST(OpsMathTest, QrGivesBothFactors) {
  const at::Tensor x = RandomNormal({5, 5}, 1, 1, at::kDouble);
  const auto [q, r] = Qr(x);
  EXPECT_LT(ScaledDifference(q.mm(r), x), 1e-12);
  EXPECT_LT(ScaledDifference(q.t().mm(q), Eye(5, at::kDouble, at::kCPU)), 1e-12);
  EXPECT_EQ(r.tril(-1).abs().max().item<double>(), 0);
}

}  // namespace
}  // namespace cusp::models::ops
