#include "analysis/ratio_bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>

#include "analysis/statistics.h"
#include "tests/analysis/simulation.h"

namespace cusp::analysis {
namespace {

constexpr double kTruth = 474.30;

class RatioBootstrapTest : public ::testing::Test {
 protected:
  void Sample(double sigma) {
    const auto data = SampleGrid({Curve(2e-3, 8e-5, 6e-8), Curve(6e-3, 1e-4, 0)},
                                 {64, 128, 256, 512, 1024, 2048}, 12, {sigma}, 5);
    points_.clear();
    for (const LengthData& at : data) {
      RatioPoint point;
      point.length = static_cast<double>(at.length);
      point.baseline = at.pairs[0].baseline;
      for (const CostPair& pair : at.pairs) {
        point.log_ratios.push_back(std::log(pair.candidate / pair.baseline));
      }
      point.log_ratio = Median(point.log_ratios);
      points_.push_back(std::move(point));
    }
    curves_ = FitCurves(points_, options_);
    ASSERT_TRUE(curves_.Fits());
  }

  RatioFitOptions options_{.resamples = 300};
  std::vector<RatioPoint> points_;
  RatioCurves curves_;
};

TEST_F(RatioBootstrapTest, IntervalHoldsTheTruthAndWidensWithNoise) {
  Sample(0.002);
  const auto quiet = BootstrapCrossing(curves_, points_, 256, 1024, options_);
  ASSERT_TRUE(quiet.has_value());
  EXPECT_LT(quiet->low, kTruth);
  EXPECT_GT(quiet->high, kTruth);
  Sample(0.02);
  const auto noisy = BootstrapCrossing(curves_, points_, 256, 1024, options_);
  ASSERT_TRUE(noisy.has_value());
  EXPECT_GT(noisy->high - noisy->low, 3 * (quiet->high - quiet->low));
}

TEST_F(RatioBootstrapTest, SameSeedSameInterval) {
  Sample(0.01);
  const auto once = BootstrapCrossing(curves_, points_, 256, 1024, options_);
  const auto again = BootstrapCrossing(curves_, points_, 256, 1024, options_);
  ASSERT_TRUE(once.has_value() && again.has_value());
  EXPECT_EQ(once->low, again->low);
  EXPECT_EQ(once->high, again->high);
}

TEST_F(RatioBootstrapTest, CurvesThatDoNotCrossThereGiveNothing) {
  Sample(0.002);
  EXPECT_FALSE(BootstrapCrossing(curves_, points_, 1024, 2048, options_).has_value());
}

}  // namespace
}  // namespace cusp::analysis
