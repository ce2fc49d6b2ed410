#include "analysis/ratio_curves.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "tests/analysis/simulation.h"

namespace cusp::analysis {
namespace {

std::vector<RatioPoint> Points(const std::vector<TrueCost>& variants, double sigma,
                               const std::vector<int64_t>& lengths) {
  return RatioPoints(SampleGrid(variants, lengths, 12, {sigma}, 1));
}

const std::vector<int64_t> kLengths = {64, 128, 256, 512, 1024, 2048};

TEST(RatioCurvesTest, FollowCostsOfTheirForm) {
  const auto points = Points({Curve(2e-3, 8e-5, 6e-8), Curve(6e-3, 1e-4, 0)}, 0.005, kLengths);
  const RatioCurves curves = FitCurves(points, {});
  EXPECT_TRUE(curves.Fits());
  EXPECT_NEAR(curves.candidate(700) / curves.baseline(700), 0.0760 / 0.0874, 0.01);
  EXPECT_EQ(curves.errors.size(), points.size());
  EXPECT_GE(curves.inflation, 1);
}

TEST(RatioCurvesTest, CostsOfAnotherFormFailTheTest) {
  const auto points = Points({Curve(1, 0, 0), [](double n) { return 1 + 0.2 * std::sin(n / 100); }},
                             0.001, kLengths);
  EXPECT_FALSE(FitCurves(points, {}).Fits());
}

TEST(RatioCurvesTest, ChanceFailsTheTestInFivePercentAndTheWideOneHardlyEver) {
  constexpr int kRuns = 400;
  int fits = 0;
  int nearly = 0;
  for (uint64_t seed = 1; seed <= kRuns; ++seed) {
    const RatioCurves curves =
        FitCurves(RatioPoints(SampleGrid({Curve(2e-3, 8e-5, 6e-8), Curve(6e-3, 1e-4, 0)}, kLengths,
                                         12, {0.01}, seed)),
                  {});
    fits += curves.Fits() ? 1 : 0;
    nearly += curves.NearlyFits() ? 1 : 0;
  }
  EXPECT_GE(fits, kRuns * 90 / 100);
  EXPECT_LT(fits, kRuns);
  EXPECT_GE(nearly, kRuns * 99 / 100);
}

TEST(RatioCurvesTest, NoMorePointsThanCoefficientsFitNothing) {
  const auto points = Points({Curve(2e-3, 8e-5, 6e-8), Curve(6e-3, 1e-4, 1e-8)}, 0.005, {64});
  EXPECT_FALSE(FitCurves(points, {}).Fits());
}

TEST(RatioCurvesTest, ThinnedPointsMeetEveryPlaceOfATile) {
  std::vector<RatioPoint> points;
  for (int i = 1; i <= 256; ++i) {
    points.push_back({.length = 16.0 * i, .baseline = 1, .log_ratios = {0}});
  }
  std::array<int, 4> at_place{};  // of a tile of 64
  double last = 0;
  const std::vector<RatioPoint> thinned = Thinned(points);
  for (const RatioPoint& point : thinned) {
    EXPECT_GT(point.length, last);
    last = point.length;
    ++at_place[static_cast<size_t>(point.length) / 16 % 4];
  }
  EXPECT_EQ(thinned.size(), 64U);
  EXPECT_GE(*std::min_element(at_place.begin(), at_place.end()), 12);
}

}  // namespace
}  // namespace cusp::analysis
