#include "client/cli/verdict_text.h"

#include <gtest/gtest.h>

#include "tests/client/example_job.h"

namespace cusp::client {
namespace {

JobLengths Tokens() { return JobLengths(ExampleJob()); }

TEST(VerdictTextTest, OneCrossingHasItsInterval) {
  EXPECT_EQ(VerdictText(CrossingComparison(), Tokens()), "crosses at 1,180 tokens (1,110–1,240)");
  EXPECT_EQ(VerdictText(CrossingComparison(), JobLengths()), "crosses at 1,180 (1,110–1,240)");
}

TEST(VerdictTextTest, SeveralCrossingsAreToldInTurn) {
  v1::Comparison comparison = CrossingComparison();
  *comparison.add_crossings() = MakeCrossing(1900, 1850, 1950, v1::DIRECTION_DEARER);
  EXPECT_EQ(VerdictText(comparison, Tokens()),
            "cheaper from 1,180 tokens (1,110–1,240), dearer from 1,900 (1,850–1,950)");
}

TEST(VerdictTextTest, OnlyDearerCrossing) {
  v1::Comparison comparison = CrossingComparison();
  comparison.mutable_crossings(0)->set_direction(v1::DIRECTION_DEARER);
  EXPECT_EQ(VerdictText(comparison, Tokens()), "dearer from 1,180 tokens (1,110–1,240)");
}

TEST(VerdictTextTest, RangeOfAlwaysAndNever) {
  v1::Comparison comparison = NeverComparison();
  EXPECT_EQ(VerdictText(comparison, Tokens()), "never cheaper up to 4,096 tokens");
  comparison.set_verdict(v1::VERDICT_ALWAYS);
  EXPECT_EQ(VerdictText(comparison, Tokens()), "always cheaper from 64 to 4,096 tokens");
}

TEST(VerdictTextTest, UndecidedSaysWhere) {
  v1::Comparison comparison = NeverComparison();
  comparison.set_verdict(v1::VERDICT_UNDECIDED);
  EXPECT_EQ(VerdictText(comparison, Tokens()), "undecided");
  comparison.add_undecided_lengths(512);
  EXPECT_EQ(VerdictText(comparison, Tokens()), "undecided at 512 tokens");
  comparison.add_undecided_lengths(1024);
  EXPECT_EQ(VerdictText(comparison, Tokens()), "undecided at 2 lengths, 512 to 1,024 tokens");
  comparison.clear_undecided_lengths();
  comparison.add_equal_lengths(512);
  EXPECT_EQ(VerdictText(comparison, Tokens()), "undecided: equal within 1 %");
  EXPECT_EQ(VerdictText(v1::Comparison(), Tokens()), "undecided: nothing to compare yet");
}

TEST(VerdictTextTest, SelfCheckSaysWhetherItDiffers) {
  v1::SelfCheck check = ExampleSelfCheck();
  EXPECT_EQ(SelfCheckText(check, Tokens()),
            "bert against itself at 128 tokens: +0.2 % (-0.4 to +0.9 %), no difference");
  check.set_differs(true);
  EXPECT_EQ(SelfCheckText(check, Tokens()),
            "bert against itself at 128 tokens: +0.2 % (-0.4 to +0.9 %), a difference where there "
            "is none: measure again on a quiet machine");
}

TEST(VerdictTextTest, SpeechIsToldInSecondsAndTokens) {
  const JobLengths lengths(SpeechJob());
  v1::Comparison comparison = SpeechComparison();
  EXPECT_EQ(VerdictText(comparison, lengths), "crosses at 3.26 seconds (2.91–3.62) = 162 tokens");
  comparison.set_verdict(v1::VERDICT_NEVER);
  EXPECT_EQ(VerdictText(comparison, lengths), "never cheaper up to 30 seconds = 1,499 tokens");
  comparison.set_verdict(v1::VERDICT_UNDECIDED);
  comparison.add_undecided_lengths(8000);
  EXPECT_EQ(VerdictText(comparison, lengths), "undecided at 0.5 seconds");
}

TEST(VerdictTextTest, TokensOfBothWhereTheyDiffer) {
  v1::Job job = SpeechJob();
  job.mutable_spec()->mutable_baselines(0)->set_model("vit");
  job.mutable_spec()->mutable_candidates(0)->set_model("swin");
  job.mutable_spec()->mutable_lengths()->set_unit(v1::LENGTH_UNIT_PIXELS);
  job.mutable_spec()->mutable_lengths()->set_min(56);
  job.mutable_spec()->mutable_lengths()->set_max(448);
  v1::Comparison comparison = SpeechComparison();
  *comparison.mutable_crossings(0) = MakeCrossing(224.2, 200, 250);
  EXPECT_EQ(VerdictText(comparison, JobLengths(job)),
            "crosses at 224 pixels (200–250) = 3,136 / 197 tokens");
}

}  // namespace
}  // namespace cusp::client
