#include "analysis/term_fit.h"

#include <gtest/gtest.h>

#include "common/random.h"

namespace cusp::analysis {
namespace {

double Cost(const std::array<double, 3>& terms, const std::array<double, 3>& factors) {
  return terms[0] * factors[0] + terms[1] * factors[1] + terms[2] * factors[2];
}

TEST(TermFitTest, FindsTheFactorsThatMadeTheCosts) {
  const std::array<double, 3> truth = {1.3, 2.5, 0.8};
  Random random(1);
  std::vector<TermPoint> points;
  for (int i = 0; i < 30; ++i) {
    const std::array<double, 3> terms = {1e-3 * random.Uniform(), 1e-4 * random.Uniform(), 2e-5};
    points.push_back({terms, Cost(terms, truth) * (0.99 + 0.02 * random.Uniform())});
  }
  const auto factors = FitFactors(points);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(factors[i], truth[i], 0.05 * truth[i]);
  }
}

TEST(TermFitTest, StrayedPointsHardlyCount) {
  std::vector<TermPoint> points;
  for (int i = 1; i <= 20; ++i) {
    const std::array<double, 3> terms = {1e-3 * i, 1e-2 / i, 0};
    const double disturbed = i % 7 == 0 ? 3 : 1;
    points.push_back({terms, disturbed * Cost(terms, {2, 5, 0})});
  }
  const auto factors = FitFactors(points);
  EXPECT_NEAR(factors[0], 2, 0.02);
  EXPECT_NEAR(factors[1], 5, 0.05);
}

TEST(TermFitTest, FactorsAreNeverNegative) {
  // The second term falls while the cost grows.
  std::vector<TermPoint> points;
  for (const double x : {1.0, 2.0, 3.0}) {
    points.push_back({{x, 4 - x, 0}, 2 * x});
  }
  const auto factors = FitFactors(points);
  EXPECT_NEAR(factors[0], 2, 1e-9);
  EXPECT_NEAR(factors[1], 0, 1e-9);
  EXPECT_EQ(factors[2], 0);
}

TEST(TermFitTest, NoPointsGiveNoFactors) { EXPECT_EQ(FitFactors({}), (std::array<double, 3>{})); }

}  // namespace
}  // namespace cusp::analysis
