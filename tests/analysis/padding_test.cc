#include "analysis/padding.h"

#include <gtest/gtest.h>

#include <cmath>

namespace cusp::analysis {
namespace {

TEST(PaddingTest, LengthsCountAsTheNextMultiple) {
  const Padding padding{.quantum = 128};
  EXPECT_EQ(PaddedLength(1, padding), 128);
  EXPECT_EQ(PaddedLength(128, padding), 128);
  EXPECT_EQ(PaddedLength(128.5, padding), 256);
  EXPECT_EQ(NextStep(1, padding), 128);
  EXPECT_EQ(NextStep(128, padding), 256);
}

TEST(PaddingTest, SlackBeyondAMultipleCountsAsIt) {
  // Two frames of 320 samples are 400 + 320 to 400 + 639 samples long.
  const Padding padding{.quantum = 320, .slack = 399};
  EXPECT_EQ(PaddedLength(719, padding), 320);
  EXPECT_EQ(PaddedLength(720, padding), 640);
  EXPECT_EQ(PaddedLength(1039, padding), 640);
  EXPECT_EQ(PaddedLength(1, padding), 0);
  EXPECT_EQ(NextStep(500, padding), 719);
  EXPECT_EQ(NextStep(719, padding), 1039);
}

TEST(PaddingTest, SmoothCostsHaveNoStep) {
  EXPECT_EQ(PaddedLength(77.5, Padding()), 77.5);
  EXPECT_TRUE(std::isinf(NextStep(77.5, Padding())));
}

}  // namespace
}  // namespace cusp::analysis
