#include "analysis/crossings.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace cusp::analysis {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(CrossingsTest, UndecidedAndEqualLengthsWidenTheBracket) {
  const std::vector<Bracket> brackets = FindBrackets({{64, Sign::kDearer, 0.5},
                                                      {128, Sign::kUnclear, 0.02},
                                                      {256, Sign::kEqual, 0},
                                                      {512, Sign::kCheaper, -0.5}});
  ASSERT_EQ(brackets.size(), 1U);
  EXPECT_EQ(brackets[0].before, 0U);
  EXPECT_EQ(brackets[0].after, 3U);
  EXPECT_EQ(brackets[0].direction, Direction::kCheaper);
}

TEST(CrossingsTest, TouchingIsNoCrossing) {
  EXPECT_TRUE(
      FindBrackets({{64, Sign::kDearer, 0.5}, {128, Sign::kEqual, 0}, {256, Sign::kDearer, 0.5}})
          .empty());
}

TEST(CrossingsTest, InterpolatesInLogLog) {
  const std::vector<LengthSummary> summaries = {{100, Sign::kDearer, 0.2},
                                                {400, Sign::kCheaper, -0.2}};
  EXPECT_NEAR(InterpolateCrossing(summaries, {0, 1, Direction::kCheaper}), 200, 1e-9);
}

TEST(CrossingsTest, EqualLengthIsTheCrossing) {
  const std::vector<LengthSummary> summaries = {
      {100, Sign::kDearer, 0.2}, {300, Sign::kEqual, 0}, {400, Sign::kCheaper, -0.2}};
  EXPECT_EQ(InterpolateCrossing(summaries, {0, 2, Direction::kCheaper}), 300);
}

TEST(CrossingsTest, OutOfMemoryCrossesAtTheFirstLengthBeyond) {
  const std::vector<LengthSummary> summaries = {{100, Sign::kDearer, 0.2},
                                                {400, Sign::kCheaper, -kInfinity}};
  EXPECT_EQ(InterpolateCrossing(summaries, {0, 1, Direction::kCheaper}), 400);
}

}  // namespace
}  // namespace cusp::analysis
