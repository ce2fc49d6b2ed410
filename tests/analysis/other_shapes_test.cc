#include "analysis/other_shapes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>

#include "tests/analysis/simulation.h"

namespace cusp::analysis {
namespace {

constexpr double kError = 0.01;

double CubicAt(double length) {
  const double place = std::log2(length / 512);
  return -0.2 * place + 0.03 * place * place - 0.01 * std::pow(place, 3);
}

// Eight points from 64 to 8,192 of a cubic of log2(n / 512), and what was fitted to them.
class OtherShapesTest : public testing::Test {
 protected:
  OtherShapesTest() {
    for (double length = 64; length <= 8192; length *= 2) {
      points_.push_back(
          {.length = length, .baseline = 1, .log_ratio = CubicAt(length), .log_ratios = {}});
      values_.push_back(points_.back().log_ratio);
    }
    curves_.errors.assign(points_.size(), kError);
  }

  LogPolynomial Fit(size_t degree) const {
    return LogPolynomial(points_, values_, curves_.errors, degree);
  }

  std::vector<RatioPoint> points_;
  std::vector<double> values_;
  RatioCurves curves_;
};

TEST_F(OtherShapesTest, PolynomialGoesThroughWhatIsOne) {
  EXPECT_TRUE(Fit(3).Fits());
  EXPECT_NEAR(Fit(3).At(512), 0, 1e-9);
  EXPECT_NEAR(Fit(3).At(1024), -0.18, 1e-9);
}

TEST_F(OtherShapesTest, TooStraightOneDoesNotFit) { EXPECT_FALSE(Fit(2).Fits()); }

TEST_F(OtherShapesTest, NothingFitsWithoutPointsToSpare) {
  points_.resize(4);
  EXPECT_FALSE(Fit(3).Fits());
}

TEST_F(OtherShapesTest, StrayedPointCountsLittle) {
  values_[6] += 0.5;  // fifty errors
  EXPECT_NEAR(Fit(3).At(512), 0, 0.05);
  EXPECT_FALSE(Fit(3).Fits());
}

TEST_F(OtherShapesTest, EveryShapeThatFitsGivesItsChange) {
  const std::vector<Changes> changes = ChangesOfOtherShapes(points_, curves_, 256, 1024);
  ASSERT_EQ(changes.size(), 4U);  // degrees 3 to 6 of eight points
  for (const Changes& change : changes) {
    EXPECT_NEAR(change.first, 512, 0.01);
    EXPECT_EQ(change.last, change.first);
  }
}

TEST_F(OtherShapesTest, ShapeWithoutAChangeThereGivesNone) {
  EXPECT_TRUE(ChangesOfOtherShapes(points_, curves_, 1024, 2048).empty());
}

// The candidate's costs are those of the next multiple of 128, of which the curves give the size.
TEST_F(OtherShapesTest, StepsOfPaddingAreTheCurves) {
  curves_.candidate = {.coefficients = {0, 1, 0}, .padding = {.quantum = 128}};
  curves_.baseline = {.coefficients = {0, 1, 0}, .padding = {}};
  const auto at = [](double length) {
    return CubicAt(1.1 * length) + std::log(std::ceil(length / 128) * 128 / length);
  };
  points_.clear();
  for (const double length : {70, 150, 250, 330, 500, 600, 700, 900, 1000}) {
    points_.push_back(
        {.length = length, .baseline = length, .log_ratio = at(length), .log_ratios = {}});
  }
  curves_.errors.assign(points_.size(), kError);
  const std::vector<Changes> changes = ChangesOfOtherShapes(points_, curves_, 400, 1000);
  ASSERT_FALSE(changes.empty());
  for (const Changes& change : changes) {
    // Cheaper a little before 512, dearer right behind it, and cheaper again.
    for (const double found : {change.first, change.last}) {
      EXPECT_GT(at(found - 2), 0);
      EXPECT_LT(at(found + 2), 0);
    }
    EXPECT_LT(change.first, 512);
    EXPECT_GT(change.last, 514);
  }
}

TEST_F(OtherShapesTest, TooManyStepsGiveNone) {
  curves_.baseline = {.coefficients = {0, 1, 0}, .padding = {}};
  curves_.candidate = {.coefficients = {0, 1, 0}, .padding = {.quantum = 2}};
  EXPECT_FALSE(ChangesOfOtherShapes(points_, curves_, 64, 8192).empty());  // 4,064 steps
  for (RatioPoint& point : points_) {
    point.length *= 2;
  }
  EXPECT_TRUE(ChangesOfOtherShapes(points_, curves_, 128, 16384).empty());
}

// Lengths in a cluster with one far away on each side: high powers are all but equal there.
TEST_F(OtherShapesTest, WhatRoundingWouldDecideFitsNothing) {
  points_.clear();
  values_.clear();
  for (const double length : {64, 462, 464, 466, 468, 470, 472, 474, 476, 478, 480, 4096}) {
    points_.push_back(
        {.length = length, .baseline = 1, .log_ratio = CubicAt(length), .log_ratios = {}});
    values_.push_back(CubicAt(length));
  }
  curves_.errors.assign(points_.size(), kError);
  EXPECT_TRUE(Fit(2).Fits());
  EXPECT_FALSE(Fit(6).Fits());
}

}  // namespace
}  // namespace cusp::analysis
