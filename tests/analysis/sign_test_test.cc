#include "analysis/sign_test.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/analysis/simulation.h"

namespace cusp::analysis {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<double> Around(double mean, double sigma, int count, uint64_t seed) {
  SimulatedDevice device({}, {}, seed);
  std::vector<double> values;
  for (int i = 0; i < count; ++i) {
    values.push_back(mean + sigma * device.Normal());
  }
  return values;
}

TEST(SignTestTest, ClearEffectIsSureAtEightBlocks) {
  EXPECT_EQ(DecideSign(Around(-0.10, 0.01, 8, 1), {}), Sign::kCheaper);
  EXPECT_EQ(DecideSign(Around(0.10, 0.01, 8, 2), {}), Sign::kDearer);
}

TEST(SignTestTest, NothingSmallIsSureBelowFourBlocks) {
  EXPECT_EQ(DecideSign({0.10, 0.10, 0.10}, {}), Sign::kUnclear);
}

TEST(SignTestTest, FourBlocksAreEnoughWhereTheirOwnEvidenceIs) {
  EXPECT_EQ(DecideSign({0.1001, 0.1002, 0.0999, 0.1}, {}), Sign::kDearer);
  EXPECT_EQ(DecideSign({0.12, 0.09, 0.11, 0.08}, {}), Sign::kUnclear);
}

TEST(SignTestTest, AKnownScaleMakesFewBlocksSpeak) {
  SignOptions options;
  options.pooled_scale = 0.015;
  options.pooled_dof = 20;
  EXPECT_EQ(DecideSign({0.12, 0.09, 0.11, 0.08}, options), Sign::kDearer);
  options.pooled_scale = 0.05;
  EXPECT_EQ(DecideSign({0.12, 0.09, 0.11, 0.08}, options), Sign::kUnclear);
}

TEST(SignTestTest, AKnownScaleNeverOutvotesTheBlocksOwn) {
  SignOptions options;
  options.pooled_scale = 0.001;
  options.pooled_dof = 20;
  EXPECT_EQ(DecideSign({0.30, 0.01, 0.02, 0.03}, options), Sign::kUnclear);
}

TEST(SignTestTest, HugeEffectIsSureAtThreeBlocks) {
  EXPECT_EQ(DecideSign({0.80, 0.82, 0.79}, {}), Sign::kDearer);
  EXPECT_EQ(DecideSign({0.80, 0.82}, {}), Sign::kUnclear);
}

TEST(SignTestTest, HugeEffectAmongNoisyLengthsWaits) {
  SignOptions options;
  options.pooled_scale = 0.1;
  EXPECT_EQ(DecideSign({0.80, 0.82, 0.79}, options), Sign::kUnclear);
}

TEST(SignTestTest, OneBlockOnTheOtherSideStopsAnEarlyClaim) {
  EXPECT_EQ(DecideSign({0.80, 0.81, 0.82, 0.80, -0.1}, {}), Sign::kUnclear);
}

TEST(SignTestTest, SureWithinOnePercentIsEqual) {
  EXPECT_EQ(DecideSign(Around(0.001, 0.005, 60, 3), {}), Sign::kEqual);
}

TEST(SignTestTest, OutOfMemoryOnOneSideIsSureAtOnce) {
  EXPECT_EQ(DecideSign({kInfinity}, {}), Sign::kDearer);
  EXPECT_EQ(DecideSign({-kInfinity, -kInfinity}, {}), Sign::kCheaper);
}

TEST(SignTestTest, NothingIsUnclear) { EXPECT_EQ(DecideSign({}, {}), Sign::kUnclear); }

TEST(SignTestTest, CriticalTFallsWithBlocksTowardsTheNormal) {
  EXPECT_GT(CriticalT(8, 0.001), CriticalT(20, 0.001));
  EXPECT_GT(CriticalT(20, 0.001), CriticalT(100, 0.001));
  EXPECT_GT(CriticalT(100, 0.001), 3.29);  // what a single look would take
  EXPECT_LT(CriticalT(100, 0.001), 6);
  EXPECT_NEAR(LogEvidence(20, CriticalT(20, 0.001)), std::log(1000), 1e-3);
}

// Looks after every block up to 100: the share of runs that ever claim a sign.
double EverWrong(double sigma, double outlier_share, double alpha, int runs) {
  int wrong = 0;
  for (int run = 0; run < runs; ++run) {
    SimulatedDevice device({Curve(1, 0, 0), Curve(1, 0, 0)}, {sigma, 0.02, outlier_share, 0.3},
                           static_cast<uint64_t>(run) + 1);
    std::vector<double> ratios;
    SignOptions options;
    options.alpha = alpha;
    options.equal_within = 0;
    for (int block = 0; block < 100; ++block) {
      const MeasuredBlock measured = device.Measure({64, {0, 1}});
      ratios.push_back(std::log(measured.costs[1].cost / measured.costs[0].cost));
      const Sign sign = DecideSign(ratios, options);
      if (sign == Sign::kCheaper || sign == Sign::kDearer) {
        ++wrong;
        break;
      }
    }
  }
  return static_cast<double>(wrong) / runs;
}

TEST(SignTestTest, LookingAfterEveryBlockKeepsTheErrorRate) {
  // alpha of 5 % here, so that few runs tell; the bound holds for any alpha.
  EXPECT_LE(EverWrong(0.01, 0, 0.05, 400), 0.05);
  EXPECT_LE(EverWrong(0.03, 0, 0.05, 400), 0.05);
}

TEST(SignTestTest, OutliersKeepTheErrorRate) { EXPECT_LE(EverWrong(0.02, 0.10, 0.05, 400), 0.05); }

}  // namespace
}  // namespace cusp::analysis
