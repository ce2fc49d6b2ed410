#include "analysis/verdict.h"

#include <gtest/gtest.h>

namespace cusp::analysis {
namespace {

Verdict Of(const std::vector<LengthSummary>& summaries, bool exact = false) {
  ComparisonResult result;
  Conclude(summaries, exact, result);
  return result.verdict;
}

TEST(VerdictTest, AlwaysAndNeverNeedBothEnds) {
  EXPECT_EQ(Of({{64, Sign::kCheaper, -1}, {128, Sign::kUnclear, 0}, {256, Sign::kCheaper, -1}}),
            Verdict::kAlways);
  EXPECT_EQ(Of({{64, Sign::kCheaper, -1}, {128, Sign::kUnclear, 0}}), Verdict::kUndecided);
  EXPECT_EQ(Of({{64, Sign::kDearer, 1}, {128, Sign::kDearer, 1}}), Verdict::kNever);
  EXPECT_EQ(Of({{64, Sign::kUnclear, 1}, {128, Sign::kDearer, 1}}), Verdict::kUndecided);
}

TEST(VerdictTest, EqualIsNotCheaper) {
  EXPECT_EQ(Of({{64, Sign::kEqual, 0}, {128, Sign::kEqual, 0}}), Verdict::kNever);
  EXPECT_EQ(Of({{64, Sign::kCheaper, -1}, {128, Sign::kEqual, 0}}), Verdict::kUndecided);
  EXPECT_EQ(Of({{64, Sign::kCheaper, -1}, {128, Sign::kEqual, 0}}, true), Verdict::kAlways);
}

TEST(VerdictTest, NothingIsUndecided) { EXPECT_EQ(Of({}), Verdict::kUndecided); }

TEST(VerdictTest, PersistentNeedsASureEnd) {
  ComparisonResult result;
  result.crossings = {{90, 64, 128, Direction::kCheaper}};
  Conclude({{64, Sign::kDearer, 1}, {128, Sign::kCheaper, -1}, {256, Sign::kUnclear, 0}}, false,
           result);
  EXPECT_EQ(result.verdict, Verdict::kCrosses);
  EXPECT_TRUE(result.first.has_value());
  EXPECT_FALSE(result.persistent.has_value());
}

}  // namespace
}  // namespace cusp::analysis
