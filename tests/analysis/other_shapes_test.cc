#include "analysis/other_shapes.h"

#include <gtest/gtest.h>

#include <cmath>

#include "analysis/ratio_curves.h"
#include "tests/analysis/simulation.h"

namespace cusp::analysis {
namespace {

constexpr double kError = 0.01;

// Eight points from 64 to 8,192 of a cubic of log2(n / 512) that is 0 there.
std::vector<RatioPoint> Cubic() {
  std::vector<RatioPoint> points;
  for (double length = 64; length <= 8192; length *= 2) {
    const double place = std::log2(length / 512);
    points.push_back({.length = length,
                      .baseline = 1,
                      .log_ratio = -0.2 * place + 0.03 * place * place - 0.01 * std::pow(place, 3),
                      .log_ratios = {}});
  }
  return points;
}

TEST(OtherShapesTest, PolynomialGoesThroughWhatIsOne) {
  const std::vector<RatioPoint> points = Cubic();
  const RatioPolynomial cubic(points, std::vector<double>(points.size(), kError), 3);
  EXPECT_TRUE(cubic.Fits());
  EXPECT_NEAR(cubic.At(512), 0, 1e-9);
  EXPECT_NEAR(cubic.At(1024), -0.18, 1e-9);
}

TEST(OtherShapesTest, TooStraightOneDoesNotFit) {
  const std::vector<RatioPoint> points = Cubic();
  EXPECT_FALSE(RatioPolynomial(points, std::vector<double>(points.size(), kError), 2).Fits());
}

TEST(OtherShapesTest, NoPolynomialFitsWithoutPointsToSpare) {
  std::vector<RatioPoint> points = Cubic();
  points.resize(4);
  EXPECT_FALSE(RatioPolynomial(points, std::vector<double>(4, kError), 3).Fits());
}

TEST(OtherShapesTest, StrayedPointCountsLittle) {
  std::vector<RatioPoint> points = Cubic();
  points[6].log_ratio += 0.5;  // fifty errors
  const std::vector<double> errors(points.size(), kError);
  const RatioPolynomial cubic(points, errors, 3);
  EXPECT_NEAR(cubic.At(512), 0, 0.05);
  EXPECT_FALSE(cubic.Fits());
}

TEST(OtherShapesTest, EveryShapeThatFitsGivesItsCrossing) {
  const std::vector<RatioPoint> points = Cubic();
  const std::vector<double> crossings =
      CrossingsOfOtherShapes(points, std::vector<double>(points.size(), kError), 256, 1024);
  ASSERT_EQ(crossings.size(), 4U);  // degrees 3 to 6 of eight points
  for (const double crossing : crossings) {
    EXPECT_NEAR(crossing, 512, 0.01);
  }
}

TEST(OtherShapesTest, ShapeWithoutAChangeOfOrderThereGivesNone) {
  const std::vector<RatioPoint> points = Cubic();
  EXPECT_TRUE(CrossingsOfOtherShapes(points, std::vector<double>(points.size(), kError), 1024, 2048)
                  .empty());
}

}  // namespace
}  // namespace cusp::analysis
