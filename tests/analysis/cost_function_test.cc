#include "analysis/cost_function.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace cusp::analysis {
namespace {

constexpr double kOutOfMemory = std::numeric_limits<double>::infinity();

double Truth(double n) { return 1e-3 + 2e-6 * n + 3e-9 * n * n; }

TEST(CostFunctionTest, GoesThroughEveryMedian) {
  // No parabola: a dent in the middle.
  const std::vector<CurvePoint> medians = {{64, 1.0}, {128, 2.1}, {256, 3.5}, {512, 9.0}};
  const CostFunction cost(medians, {}, false);
  for (const CurvePoint& point : medians) {
    EXPECT_NEAR(cost(point.length), point.cost, 1e-9);
  }
}

TEST(CostFunctionTest, BetweenAndBeyondItFollowsTheFit) {
  std::vector<CurvePoint> medians;
  for (const double n : {64.0, 256.0, 1024.0, 4096.0}) {
    medians.push_back({n, Truth(n)});
  }
  const CostFunction cost(medians, {}, false);
  for (const double n : {32.0, 100.0, 700.0, 3000.0, 8192.0}) {
    EXPECT_NEAR(cost(n), Truth(n), 0.01 * Truth(n)) << n;
  }
}

TEST(CostFunctionTest, CostsMayBeOfAnySize) {
  for (const double unit : {1e-12, 1e15}) {
    const CostFunction cost({{64, unit}, {128, 2 * unit}, {256, 5 * unit}}, {}, false);
    EXPECT_NEAR(cost(128) / unit, 2, 1e-9);
    EXPECT_NEAR(cost(180) / unit, 3.2, 0.5);
  }
}

TEST(CostFunctionTest, PaddedLengthsCostAlike) {
  const CostFunction cost({{100, 2.0}, {120, 2.2}, {256, 4.0}}, {.quantum = 128}, false);
  EXPECT_EQ(cost(1), cost(128));
  EXPECT_NEAR(cost(128), std::sqrt(2.0 * 2.2), 1e-9);
  EXPECT_NEAR(cost(129), 4.0, 1e-9);
}

TEST(CostFunctionTest, OutOfMemoryIsInfiniteBeyondTheLastThatFitted) {
  const CostFunction cost({{64, 1}, {128, 2}}, {}, true);
  EXPECT_TRUE(std::isfinite(cost(128)));
  EXPECT_TRUE(std::isinf(cost(129)));
  EXPECT_TRUE(std::isinf(CostFunction({}, {}, true)(1)));
}

TEST(CostResamplerTest, WholeIsTheMedianOfTheBlocks) {
  const CostResampler resampler({{{}, {{64, {{1, 1.0}, {2, 5.0}, {3, 2.0}}}}}});
  EXPECT_NEAR(resampler.Whole()[0](64), 2.0, 1e-12);
}

TEST(CostResamplerTest, BlocksAreDrawnForAllVariantsTogether) {
  // What disturbs a block disturbs both: the ratio is the same in every draw.
  VariantCosts slow;
  VariantCosts fast;
  for (const int64_t length : {64, 128}) {
    CostsAtLength at{length, {}};
    for (uint32_t block = 0; block < 5; ++block) {
      at.costs.push_back({block, 1.0 + block});
    }
    slow.lengths.push_back(at);
    for (BlockCost& cost : at.costs) {
      cost.cost /= 2;
    }
    fast.lengths.push_back(at);
  }
  const CostResampler resampler({slow, fast});
  Random random(1);
  bool varied = false;
  for (int i = 0; i < 20; ++i) {
    const auto drawn = resampler.Draw(random);
    EXPECT_NEAR(drawn[0](64), 2 * drawn[1](64), 1e-9);
    varied = varied || std::fabs(drawn[0](64) - 3.0) > 0.1;
  }
  EXPECT_TRUE(varied);
}

TEST(CostResamplerTest, VariantWithoutADrawnBlockKeepsItsOwn) {
  // Block 2 alone has the second variant; draws without it must not crash.
  const CostResampler resampler(
      {{{}, {{64, {{1, 1.0}, {2, 1.0}, {3, 1.0}}}}}, {{}, {{64, {{2, 7.0}}}}}});
  Random random(1);
  for (int i = 0; i < 20; ++i) {
    EXPECT_NEAR(resampler.Draw(random)[1](64), 7.0, 1e-9);
  }
}

TEST(CostResamplerTest, OutOfMemoryEndsAVariant) {
  const CostResampler resampler(
      {{{}, {{64, {{1, 1.0}}}, {128, {{1, kOutOfMemory}}}, {256, {{1, kOutOfMemory}}}}}});
  const auto whole = resampler.Whole();
  EXPECT_NEAR(whole[0](64), 1.0, 1e-12);
  EXPECT_TRUE(std::isinf(whole[0](128)));
}

}  // namespace
}  // namespace cusp::analysis
