#include "worker/models/layers/fourier.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

// The sum itself, term by term.
double RealPartAt(const at::Tensor& x, int64_t k, int64_t l) {
  const auto n = static_cast<double>(x.size(0));
  const auto d = static_cast<double>(x.size(1));
  double sum = 0;
  for (int64_t i = 0; i < x.size(0); ++i) {
    for (int64_t j = 0; j < x.size(1); ++j) {
      const double turns = static_cast<double>(i * k) / n + static_cast<double>(j * l) / d;
      sum += x[i][j].item<double>() * std::cos(2 * std::numbers::pi * turns);
    }
  }
  return sum;
}

class RealFourier2dTest : public ::testing::TestWithParam<std::pair<int64_t, int64_t>> {};

TEST_P(RealFourier2dTest, IsTheSumOfItsDefinition) {
  const auto [length, features] = GetParam();
  const at::Tensor x = RandomNormal({2, length, features}, 1, 1, at::kDouble);
  const at::Tensor y = RealFourier2d(x);
  ASSERT_EQ(y.sizes(), x.sizes());
  for (int64_t k = 0; k < length; ++k) {
    for (int64_t l = 0; l < features; ++l) {
      EXPECT_NEAR(y[1][k][l].item<double>(), RealPartAt(x[1], k, l), 1e-10) << k << " " << l;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, RealFourier2dTest,
                         ::testing::Values(std::pair{1, 1}, std::pair{1, 6}, std::pair{2, 2},
                                           std::pair{7, 3}, std::pair{8, 5}, std::pair{5, 8}));

TEST(RealFourierTest, HalfPrecisionIsComputedInSingle) {
  const at::Tensor x = RandomNormal({1, 6, 4}, 2, 1, at::kBFloat16);
  const at::Tensor y = RealFourier2d(x);
  EXPECT_EQ(y.scalar_type(), at::kBFloat16);
  EXPECT_TRUE(y.equal(RealFourier2d(x.to(at::kFloat)).to(at::kBFloat16)));
}

}  // namespace
}  // namespace cusp::models
