#include "analysis/log_normal.h"

#include <gtest/gtest.h>

#include <cmath>

namespace cusp::analysis {
namespace {

TEST(LogNormalTest, NormalQuantilesAreThoseOfTables) {
  EXPECT_NEAR(NormalQuantile(0.5), 0, 1e-12);
  EXPECT_NEAR(NormalQuantile(0.9), 1.2815515655446004, 1e-12);
  EXPECT_NEAR(NormalQuantile(0.95), 1.6448536269514722, 1e-12);
  EXPECT_NEAR(NormalQuantile(0.001), -3.090232306167813, 1e-12);
  EXPECT_NEAR(NormalShareBelow(1.96), 0.9750021048517795, 1e-12);
}

TEST(LogNormalTest, QuantileAndShareAreInverse) {
  const LogNormal lengths{.mu = 5, .sigma = 0.7};
  for (const double share : {0.01, 0.3, 0.5, 0.95, 0.999}) {
    EXPECT_NEAR(lengths.ShareBelow(lengths.Quantile(share)), share, 1e-12);
  }
  EXPECT_EQ(lengths.ShareBelow(0), 0);
  EXPECT_EQ(lengths.ShareBelow(-1), 0);
}

TEST(LogNormalTest, MeanIsThatOfManyQuantiles) {
  const LogNormal lengths{.mu = 5, .sigma = 0.7};
  constexpr int kSteps = 100'000;
  double sum = 0;
  for (int i = 0; i < kSteps; ++i) {
    sum += lengths.Quantile((i + 0.5) / kSteps);
  }
  EXPECT_NEAR(sum / kSteps / lengths.Mean(), 1, 1e-4);
}

TEST(LogNormalTest, MeanAndPercentileAreMet) {
  const auto lengths = LogNormalThroughMean(300, 0.95, 705);
  ASSERT_TRUE(lengths.has_value());
  EXPECT_NEAR(lengths->Mean(), 300, 1e-9);
  EXPECT_NEAR(lengths->Quantile(0.95), 705, 1e-9);
}

TEST(LogNormalTest, OfTwoSolutionsTheNarrowerIsTaken) {
  const LogNormal narrow{.mu = 5, .sigma = 0.5};
  const auto found = LogNormalThroughMean(narrow.Mean(), 0.95, narrow.Quantile(0.95));
  ASSERT_TRUE(found.has_value());
  EXPECT_NEAR(found->sigma, 0.5, 1e-9);
  // The other one has the same two statistics.
  const double wide = 2 * NormalQuantile(0.95) - 0.5;
  const LogNormal other{.mu = std::log(narrow.Mean()) - 0.5 * wide * wide, .sigma = wide};
  EXPECT_NEAR(other.Mean() / narrow.Mean(), 1, 1e-9);
  EXPECT_NEAR(other.Quantile(0.95) / narrow.Quantile(0.95), 1, 1e-9);
}

TEST(LogNormalTest, StatisticsThatNoneHasGiveNothing) {
  // No 95th percentile is above exp(z²/2) = 3.87 times the mean.
  EXPECT_TRUE(LogNormalThroughMean(100, 0.95, 386).has_value());
  EXPECT_FALSE(LogNormalThroughMean(100, 0.95, 388).has_value());
  EXPECT_FALSE(LogNormalThroughMean(100, 0.95, 100).has_value());
  EXPECT_FALSE(LogNormalThroughMedian(100, 0.9, 100).has_value());
}

TEST(LogNormalTest, MedianAndPercentileAreMet) {
  const auto lengths = LogNormalThroughMedian(359, 0.9, 920);
  ASSERT_TRUE(lengths.has_value());
  EXPECT_NEAR(lengths->Quantile(0.5), 359, 1e-9);
  EXPECT_NEAR(lengths->Quantile(0.9), 920, 1e-9);
}

}  // namespace
}  // namespace cusp::analysis
