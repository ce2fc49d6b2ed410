#include "client/cli/verdict_text.h"

#include <gtest/gtest.h>

#include "tests/client/example_job.h"

namespace cusp::client {
namespace {

TEST(VerdictTextTest, OneCrossingHasItsInterval) {
  EXPECT_EQ(VerdictText(CrossingComparison(), "tokens"), "crosses at 1,180 tokens (1,110–1,240)");
  EXPECT_EQ(VerdictText(CrossingComparison(), ""), "crosses at 1,180 (1,110–1,240)");
}

TEST(VerdictTextTest, SeveralCrossingsAreToldInTurn) {
  v1::Comparison comparison = CrossingComparison();
  *comparison.add_crossings() = MakeCrossing(1900, 1850, 1950, v1::DIRECTION_DEARER);
  EXPECT_EQ(VerdictText(comparison, "tokens"),
            "cheaper from 1,180 tokens (1,110–1,240), dearer from 1,900 (1,850–1,950)");
}

TEST(VerdictTextTest, OnlyDearerCrossing) {
  v1::Comparison comparison = CrossingComparison();
  comparison.mutable_crossings(0)->set_direction(v1::DIRECTION_DEARER);
  EXPECT_EQ(VerdictText(comparison, "tokens"), "dearer from 1,180 tokens (1,110–1,240)");
}

TEST(VerdictTextTest, RangeOfAlwaysAndNever) {
  v1::Comparison comparison = NeverComparison();
  EXPECT_EQ(VerdictText(comparison, "tokens"), "never cheaper up to 4,096 tokens");
  comparison.set_verdict(v1::VERDICT_ALWAYS);
  EXPECT_EQ(VerdictText(comparison, "tokens"), "always cheaper from 64 to 4,096 tokens");
}

TEST(VerdictTextTest, UndecidedSaysWhere) {
  v1::Comparison comparison = NeverComparison();
  comparison.set_verdict(v1::VERDICT_UNDECIDED);
  EXPECT_EQ(VerdictText(comparison, "tokens"), "undecided");
  comparison.add_undecided_lengths(512);
  EXPECT_EQ(VerdictText(comparison, "tokens"), "undecided at 512 tokens");
  comparison.add_undecided_lengths(1024);
  EXPECT_EQ(VerdictText(comparison, "tokens"), "undecided at 2 lengths, 512 to 1,024 tokens");
  comparison.clear_undecided_lengths();
  comparison.add_equal_lengths(512);
  EXPECT_EQ(VerdictText(comparison, "tokens"), "undecided: equal within 1 %");
  EXPECT_EQ(VerdictText(v1::Comparison(), "tokens"), "undecided: nothing to compare yet");
}

}  // namespace
}  // namespace cusp::client
