#include "worker/measure/same_again.h"

#include <gtest/gtest.h>

#include <cmath>

#include "common/random.h"

namespace cusp::measure {
namespace {

// Ratios exp(bias + noise z), z near enough to normal.
std::vector<double> Ratios(size_t count, double bias, double noise, uint64_t seed) {
  Random random(seed);
  std::vector<double> ratios;
  for (size_t i = 0; i < count; ++i) {
    double z = -6;
    for (int k = 0; k < 12; ++k) {
      z += random.Uniform();
    }
    ratios.push_back(std::exp(bias + noise * z));
  }
  return ratios;
}

TEST(SameAgainTest, NoDifferenceIsHardlyEverClaimed) {
  int claimed = 0;
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    claimed += JudgeSameAgain(Ratios(8, 0, 0.05, seed)).differs ? 1 : 0;
  }
  EXPECT_LE(claimed, 4);
}

TEST(SameAgainTest, DifferenceBeyondTheNoiseIsClaimed) {
  const SameAgain found = JudgeSameAgain(Ratios(8, 0.1, 0.01, 1));
  EXPECT_TRUE(found.differs);
  EXPECT_NEAR(found.ratio, std::exp(0.1), 0.02);
  EXPECT_LE(found.low, found.ratio);
  EXPECT_GE(found.high, found.ratio);
}

TEST(SameAgainTest, ThreeDisturbedBlocksAreNoProof) {
  EXPECT_FALSE(JudgeSameAgain({1.5, 1.5, 1.5}).differs);
}

TEST(SameAgainTest, DifferencesWithinOnePerCentAreNone) {
  EXPECT_FALSE(JudgeSameAgain(Ratios(50, 0.004, 0.001, 1)).differs);
}

TEST(SameAgainTest, NoiseIsThatOfTheLogRatio) {
  EXPECT_NEAR(JudgeSameAgain(Ratios(400, 0, 0.03, 1)).noise, 0.03, 0.004);
}

TEST(SameAgainTest, MoreNoiseTakesMoreBlocks) {
  const auto quiet = BlocksToTell(0.01, 0.005);
  const auto noisier = BlocksToTell(0.01, 0.01);
  ASSERT_TRUE(quiet.has_value());
  ASSERT_TRUE(noisier.has_value());
  EXPECT_GT(*noisier, *quiet);
  EXPECT_LT(*BlocksToTell(0.05, 0.01), *noisier);
  EXPECT_FALSE(BlocksToTell(0.01, 0.2).has_value());
  EXPECT_EQ(BlocksToTell(0.05, 0), 4);
}

// The number promised is that after which about half of such comparisons are sure.
TEST(SameAgainTest, PromisedBlocksAreThoseThatItTakes) {
  const int blocks = BlocksToTell(0.05, 0.03).value();
  int sure = 0;
  constexpr int kRuns = 400;
  for (uint64_t seed = 1; seed <= kRuns; ++seed) {
    sure += JudgeSameAgain(Ratios(static_cast<size_t>(blocks), std::log(1.05), 0.03, seed)).differs;
  }
  EXPECT_NEAR(sure, kRuns / 2, 0.15 * kRuns);
}

}  // namespace
}  // namespace cusp::measure
