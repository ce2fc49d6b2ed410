#include "analysis/ratio_fit.h"

#include <gtest/gtest.h>

#include <cmath>

#include "analysis/ratio_curves.h"
#include "tests/analysis/simulation.h"

namespace cusp::analysis {
namespace {

constexpr double kTruth = 474.30;  // 2 + 0.08 n + 6e-5 n² = 6 + 0.1 n

std::vector<RatioPoint> Points(const TrueCost& baseline, const TrueCost& candidate, Noise noise,
                               int blocks, uint64_t seed) {
  return RatioPoints(SampleGrid({baseline, candidate},
                                {64, 90, 128, 181, 256, 362, 512, 724, 1024, 1448, 2048}, blocks,
                                noise, seed));
}

TEST(RatioFitTest, IntervalHoldsTheTruthUnderDriftAndOutliers) {
  int held = 0;
  int fitted = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    RatioFitOptions options;
    options.resamples = 300;
    const auto fit = FitRatio(
        Points(Curve(2e-3, 8e-5, 6e-8), Curve(6e-3, 1e-4, 0), {0.01, 0.02, 0.03, 0.3}, 10, seed),
        256, 1024, options);
    if (fit) {
      ++fitted;
      held += fit->low <= kTruth && kTruth <= fit->high;
      EXPECT_NEAR(fit->length / kTruth, 1, 0.08);
    }
  }
  EXPECT_GE(fitted, 180);
  // 95 % of 200, three standard deviations to spare.
  EXPECT_GE(held, static_cast<int>(0.90 * fitted));
}

// What the curves can't follow bends their crossing by less than their test sees: the interval
// that they give alone holds the truth in 152 of 197 of these runs.
TEST(RatioFitTest, IntervalHoldsTheTruthOfAnotherShape) {
  constexpr double kShapeTruth = 1153.8;  // 4 + 0.0145 n log2 n = 2 + 0.08 n + 6e-5 n²
  const TrueCost n_log_n = [](double n) { return 4e-3 + 14.5e-6 * n * std::log2(n); };
  int held = 0;
  int fitted = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    RatioFitOptions options;
    options.resamples = 300;
    const auto fit =
        FitRatio(Points(Curve(2e-3, 8e-5, 6e-8), n_log_n, {0.05}, 10, seed), 724, 2048, options);
    if (fit) {
      ++fitted;
      held += fit->low <= kShapeTruth && kShapeTruth <= fit->high;
    }
  }
  EXPECT_GE(fitted, 180);
  EXPECT_GE(held, static_cast<int>(0.93 * fitted));
}

TEST(RatioFitTest, SawToothFailsTheLackOfFitTest) {
  RatioFitOptions options;
  EXPECT_FALSE(
      FitRatio(Points(Curve(2e-3, 8e-5, 6e-8), Padded(Curve(6e-3, 1e-4, 0), 256), {0.005}, 10, 1),
               256, 1024, options)
          .has_value());
}

TEST(RatioFitTest, TooFewLengthsGiveNothing) {
  const std::vector<RatioPoint> points(3, RatioPoint{64, 1, 0, {0, 0}});
  EXPECT_FALSE(FitRatio(points, 32, 128, {}).has_value());
}

}  // namespace
}  // namespace cusp::analysis
