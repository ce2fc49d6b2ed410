#include "analysis/statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "common/random.h"

namespace cusp::analysis {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(StatisticsTest, MedianOfOddAndEvenCounts) {
  EXPECT_EQ(Median({3, 1, 2}), 2);
  EXPECT_EQ(Median({4, 1, 3, 2}), 2.5);
  EXPECT_EQ(Median({7}), 7);
}

TEST(StatisticsTest, MedianBearsInfinities) {
  EXPECT_EQ(Median({kInfinity, kInfinity}), kInfinity);
  EXPECT_EQ(Median({1, kInfinity, 2}), 2);
}

TEST(StatisticsTest, QuantileInterpolatesBetweenOrderStatistics) {
  EXPECT_DOUBLE_EQ(Quantile({0, 10}, 0.25), 2.5);
  EXPECT_EQ(Quantile({0, 10}, 1.0), 10);
  EXPECT_EQ(Quantile({5}, 0.5), 5);
}

TEST(StatisticsTest, RobustScaleIgnoresAnOutlier) {
  EXPECT_NEAR(RobustScale({-1, 0, 1, 2, 1000}, 1), 1.4826, 1e-9);
}

TEST(StatisticsTest, ClippedMomentsHoldAnOutlierBack) {
  const ClippedMoments moments = Clipped({0.9, 1.0, 1.1, 1.0, 0.95, 1.05, 50}, 4);
  EXPECT_LT(moments.mean, 1.1);
  EXPECT_LT(moments.deviation, 0.3);
}

TEST(StatisticsTest, QuantilesMatchTables) {
  EXPECT_NEAR(ChiSquareQuantile(3, 1.644854), 7.815, 0.08);
  EXPECT_NEAR(ChiSquareQuantile(10, 1.644854), 18.307, 0.05);
  EXPECT_NEAR(StudentT95(4), 2.776, 0.03);
  EXPECT_NEAR(StudentT95(30), 2.042, 0.01);
}

TEST(StatisticsTest, MedianOfAnyCountIsTheMiddleOfTheSortedValues) {
  Random random(1);
  for (size_t count = 1; count <= 40; ++count) {
    std::vector<double> values;
    for (size_t i = 0; i < count; ++i) {
      // Few distinct values, so that ties are common.
      values.push_back(static_cast<double>(random.Below(10)) - 5);
    }
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    const double middle =
        count % 2 == 1 ? sorted[count / 2] : sorted[count / 2 - 1] / 2 + sorted[count / 2] / 2;
    EXPECT_EQ(Median(values), middle) << count;
    EXPECT_EQ(MedianInPlace(values), middle) << count;
  }
}

}  // namespace
}  // namespace cusp::analysis
