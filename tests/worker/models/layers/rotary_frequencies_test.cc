#include "worker/models/layers/rotary_frequencies.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace cusp::models {
namespace {

constexpr int64_t kSize = 16;
constexpr double kTheta = 1000;
constexpr size_t kPairs = kSize / 2;

std::vector<float> Frequencies(const RotaryScaling& scaling, int64_t tokens = 1) {
  return RotaryFrequencies(kSize, kTheta, scaling, tokens);
}

double Plain(size_t pair) { return std::pow(kTheta, -2.0 * static_cast<double>(pair) / kSize); }

TEST(RotaryFrequenciesTest, DefaultFallsGeometrically) {
  const std::vector<float> frequencies = Frequencies({});
  ASSERT_EQ(frequencies.size(), kPairs);
  for (size_t i = 0; i < kPairs; ++i) {
    EXPECT_NEAR(frequencies[i] / Plain(i), 1, 1e-6);
  }
}

TEST(RotaryFrequenciesTest, LinearStretchesAllAlike) {
  const std::vector<float> frequencies = Frequencies({.type = RotaryType::kLinear, .factor = 2.5});
  for (size_t i = 0; i < kPairs; ++i) {
    EXPECT_NEAR(frequencies[i] * 2.5 / Plain(i), 1, 1e-6);
  }
}

TEST(RotaryFrequenciesTest, ProportionalLeavesTheRestUnturned) {
  const std::vector<float> frequencies =
      Frequencies({.type = RotaryType::kProportional, .factor = 2, .rotated_part = 0.7});
  for (size_t i = 0; i < kPairs; ++i) {
    EXPECT_NEAR(frequencies[i], i < 5 ? Plain(i) / 2 : 0, 1e-6) << i;
  }
}

TEST(RotaryFrequenciesTest, DynamicStretchesTheSlowestPairMost) {
  const RotaryScaling scaling = {.type = RotaryType::kDynamic, .factor = 3, .context = 100};
  EXPECT_EQ(Frequencies(scaling, 1), Frequencies(scaling, 100));
  EXPECT_EQ(Frequencies(scaling, 100), Frequencies({}));
  const std::vector<float> frequencies = Frequencies(scaling, 200);
  EXPECT_EQ(frequencies.front(), 1.0F);
  // 3 * 200 / 100 - 2 times as slow.
  EXPECT_NEAR(frequencies.back() * 4 / Plain(kPairs - 1), 1, 1e-5);
}

TEST(RotaryFrequenciesTest, YarnKeepsFastPairsAndStretchesSlowOnes) {
  const RotaryScaling scaling = {
      .type = RotaryType::kYarn, .factor = 4, .context = 200, .beta_fast = 16, .beta_slow = 1};
  const std::vector<float> frequencies = Frequencies(scaling);
  for (size_t i = 0; i < kPairs; ++i) {
    const double turns = 200 * Plain(i) / (2 * std::numbers::pi);
    const double stretch = Plain(i) / static_cast<double>(frequencies[i]);
    if (turns > 16) {
      EXPECT_NEAR(stretch, 1, 1e-6) << i;
    } else if (turns < 0.4) {
      // Bounds are rounded to the next pair.
      EXPECT_NEAR(stretch, 4, 1e-5) << i;
    } else {
      EXPECT_GT(stretch, 1 - 1e-6) << i;
      EXPECT_LT(stretch, 4 + 1e-5) << i;
    }
  }
}

TEST(RotaryFrequenciesTest, LongRopeChoosesByTheInput) {
  RotaryScaling scaling = {.type = RotaryType::kLongRope, .context = 50};
  for (size_t i = 0; i < kPairs; ++i) {
    scaling.short_factors.push_back(1 + 0.1 * static_cast<double>(i));
    scaling.long_factors.push_back(2 + static_cast<double>(i));
  }
  const std::vector<float> shorter = Frequencies(scaling, 50);
  const std::vector<float> longer = Frequencies(scaling, 51);
  for (size_t i = 0; i < kPairs; ++i) {
    EXPECT_NEAR(shorter[i] * scaling.short_factors[i] / Plain(i), 1, 1e-6);
    EXPECT_NEAR(longer[i] * scaling.long_factors[i] / Plain(i), 1, 1e-6);
  }
}

TEST(RotaryFrequenciesTest, Llama3GoesByWavelength) {
  const RotaryScaling scaling = {.type = RotaryType::kLlama3, .factor = 8, .context = 400};
  const std::vector<float> frequencies = Frequencies(scaling);
  for (size_t i = 0; i < kPairs; ++i) {
    const double turns = 400 * Plain(i) / (2 * std::numbers::pi);
    const double smooth = std::clamp((turns - 1) / (4.0 - 1), 0.0, 1.0);
    EXPECT_NEAR(static_cast<double>(frequencies[i]) / Plain(i), (1 - smooth) / 8 + smooth, 1e-5)
        << i;
  }
}

TEST(RotaryFrequenciesTest, RegimesTellApartWhatDiffers) {
  EXPECT_EQ(RotaryRegime({}, 5), RotaryRegime({}, 5000));
  const RotaryScaling dynamic = {.type = RotaryType::kDynamic, .factor = 2, .context = 10};
  EXPECT_EQ(RotaryRegime(dynamic, 3), RotaryRegime(dynamic, 10));
  EXPECT_NE(RotaryRegime(dynamic, 11), RotaryRegime(dynamic, 12));
  const RotaryScaling longrope = {.type = RotaryType::kLongRope, .context = 10};
  EXPECT_NE(RotaryRegime(longrope, 10), RotaryRegime(longrope, 11));
  EXPECT_EQ(RotaryRegime(longrope, 11), RotaryRegime(longrope, 12));
}

TEST(RotaryFrequenciesTest, MagnitudesGrowWithTheStretch) {
  EXPECT_EQ(YarnMagnitude(1), 1);
  EXPECT_NEAR(YarnMagnitude(10), 0.1 * std::log(10) + 1, 1e-12);
  EXPECT_NEAR(YarnMagnitude(10, 2), 0.2 * std::log(10) + 1, 1e-12);
  EXPECT_EQ(LongRopeMagnitude(1, 100), 1);
  EXPECT_NEAR(LongRopeMagnitude(10, 100), std::sqrt(1.5), 1e-12);
}

}  // namespace
}  // namespace cusp::models
