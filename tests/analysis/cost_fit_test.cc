#include "analysis/cost_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "common/random.h"

namespace cusp::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<CurvePoint> Points(double a, double b, double c) {
  std::vector<CurvePoint> points;
  for (double n = 64; n <= 4096; n *= 2) {
    points.push_back({n, a + n * (b + n * c), 1});
  }
  return points;
}

TEST(CostFitTest, RecoversExactCoefficients) {
  const CostCurve curve = FitCost(Points(2e-3, 8e-5, 6e-8), Padding());
  EXPECT_NEAR(curve.coefficients[0], 2e-3, 1e-8);
  EXPECT_NEAR(curve.coefficients[1], 8e-5, 1e-10);
  EXPECT_NEAR(curve.coefficients[2], 6e-8, 1e-13);
}

TEST(CostFitTest, NeverTurnsNegative) {
  std::vector<CurvePoint> points;
  for (double n = 64; n <= 4096; n *= 2) {
    points.push_back({n, std::sqrt(n), 1});  // concave: wants a negative square
  }
  for (double coefficient : FitCost(points, Padding()).coefficients) {
    EXPECT_GE(coefficient, 0);
  }
}

TEST(CostFitTest, OneStrayedPointMovesLittle) {
  std::vector<CurvePoint> points = Points(2e-3, 8e-5, 6e-8);
  for (double n : {96.0, 192.0, 384.0, 768.0, 1536.0, 3072.0}) {
    points.push_back({n, 2e-3 + n * (8e-5 + n * 6e-8), 1});
  }
  points[3].cost *= 1.5;
  const CostCurve curve = FitCost(points, Padding());
  EXPECT_NEAR(curve(512) / (2e-3 + 512 * (8e-5 + 512 * 6e-8)), 1, 0.03);
}

TEST(CostFitTest, PaddedCurveIsFlatWithinAQuantum) {
  const CostCurve curve{{0, 1, 0}, {128}};
  EXPECT_EQ(curve(1), 128);
  EXPECT_EQ(curve(128), 128);
  EXPECT_EQ(curve(129), 256);
}

TEST(CostFitTest, NoPointsGiveZero) { EXPECT_EQ(FitCost({}, Padding())(100), 0); }

TEST(CostFitTest, SignChangeOfSmoothCurves) {
  const CostCurve quadratic{{0, 0, 1}, {}};
  const CostCurve linear{{0, 100, 0}, {}};
  EXPECT_THAT(SignChanges(quadratic, linear, 10, 1000),
              ElementsAre(::testing::DoubleNear(100, 1e-6)));
  EXPECT_THAT(SignChanges(quadratic, linear, 200, 1000), IsEmpty());
}

TEST(CostFitTest, PaddingGivesSeveralSignChanges) {
  // The padded line 1.0 p meets 1.1 n at jumps and between them.
  const CostCurve smooth{{0, 1.1, 0}, {}};
  const CostCurve padded{{0, 1, 0}, {128}};
  const std::vector<double> changes = SignChanges(smooth, padded, 100, 400);
  EXPECT_THAT(changes, ElementsAre(::testing::DoubleNear(128 / 1.1, 1e-3), 128,
                                   ::testing::DoubleNear(256 / 1.1, 1e-3), 256,
                                   ::testing::DoubleNear(384 / 1.1, 1e-3), 384));
}

TEST(CostFitTest, NormalEquationsGiveTheSameBits) {
  Random random(3);
  const std::array<std::array<double, 3>, 3> a = {{{4, 2, 1}, {2, 3, 1}, {1, 1, 2}}};
  const NormalEquations equations(a);
  for (int i = 0; i < 1000; ++i) {
    std::array<double, 3> b{};
    for (double& value : b) {
      value = 2 * random.Uniform() - 0.5;
    }
    EXPECT_EQ(equations.Solve(b), SolveNonNegative(a, b));
  }
}

TEST(CostFitTest, SingularNormalEquationsStillGiveAnAnswer) {
  const std::array<std::array<double, 3>, 3> a = {{{1, 1, 0}, {1, 1, 0}, {0, 0, 0}}};
  EXPECT_EQ(NormalEquations(a).Solve({2, 2, 0}), SolveNonNegative(a, {2, 2, 0}));
}

}  // namespace
}  // namespace cusp::analysis
