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
    Sample({Curve(2e-3, 8e-5, 6e-8), Curve(6e-3, 1e-4, 0)}, {64, 128, 256, 512, 1024, 2048}, sigma);
  }

  void Sample(const std::vector<TrueCost>& costs, const std::vector<int64_t>& lengths,
              double sigma) {
    const auto data = SampleGrid(costs, lengths, 12, {sigma}, 5);
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

// Cheaper from 975 to 1,024, where the padding ends, and from 1,058 on.
TEST_F(RatioBootstrapTest, IntervalSpansAllChangesOfPaddedCurves) {
  options_.candidate_padding.quantum = 128;
  Sample({Curve(2e-3, 8e-5, 6e-8), Padded(Curve(4e-3, 1.3e-4, 0), 128)},
         {64, 128, 256, 512, 768, 896, 1152, 1536, 2048}, 0.002);
  const auto fit = BootstrapCrossing(curves_, points_, 928, 1152, options_);
  ASSERT_TRUE(fit.has_value());
  EXPECT_NEAR(fit->length, 1058, 10);
  EXPECT_NEAR(fit->low, 970, 15);
  EXPECT_NEAR(fit->high, 1063, 15);
  EXPECT_LT(fit->low, 975);
  EXPECT_GT(fit->high, 1058);
}

TEST_F(RatioBootstrapTest, AsManyChangesThereAsBackGiveNothing) {
  options_.candidate_padding.quantum = 128;
  Sample({Curve(2e-3, 8e-5, 6e-8), Padded(Curve(4e-3, 1.3e-4, 0), 128)},
         {64, 128, 256, 512, 768, 896, 1152, 1536, 2048}, 0.002);
  // 1,024 and 1,058: at both ends the candidate is cheaper.
  EXPECT_FALSE(BootstrapCrossing(curves_, points_, 1000, 1152, options_).has_value());
}

TEST_F(RatioBootstrapTest, CurvesThatDoNotCrossThereGiveNothing) {
  Sample(0.002);
  EXPECT_FALSE(BootstrapCrossing(curves_, points_, 1024, 2048, options_).has_value());
}

}  // namespace
}  // namespace cusp::analysis
