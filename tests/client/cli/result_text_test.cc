#include "client/cli/result_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/example_job.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ResultTextTest, FinishedJobIsATable) {
  EXPECT_EQ(RenderResult(ExampleJob(), ExampleResult()),
            R"(job k3f9x2a1bc text-encoders: succeeded in 52s

inference, float32, on Fast CPU (cpu), lab1, 1 thread
  candidate   baseline  metric       verdict                                 cost at 64 (c / b)  cost at 4,096 (c / b)  blocks
  longformer  bert      latency      crosses at 1,180 tokens (1,110–1,240)    2.50 ms / 1.25 ms        125 ms / 250 ms     312
  longformer  bert      peak memory  never cheaper up to 4,096 tokens       48.0 MiB / 24.0 MiB          crashed / oom      12
  note: longformer/bert peak memory: the budget was spent
  note: bert ran out of memory at 4,096 tokens; the last length that fitted: 64 tokens
  note: longformer at 4,096 tokens crashed: killed by signal 11
)");
}

TEST(ResultTextTest, SpeechIsToldInSeconds) {
  v1::JobResult result;
  *result.add_comparisons() = SpeechComparison();
  *result.add_costs() = MakeCost("hubert", v1::METRIC_LATENCY, 8000, 0.00125);
  *result.add_costs() = MakeCost("l_hubert", v1::METRIC_LATENCY, 8000, 0.0025);
  *result.add_costs() = MakeCost("hubert", v1::METRIC_LATENCY, 160'000, 0.25);
  v1::Cost oom = MakeCost("hubert", v1::METRIC_LATENCY, 480'000, 0);
  oom.set_outcome(v1::OUTCOME_OUT_OF_MEMORY);
  *result.add_costs() = oom;
  const std::string text = RenderResult(SpeechJob(), result);
  EXPECT_THAT(text, HasSubstr("crosses at 3.26 seconds (2.91–3.62) = 162 tokens"));
  EXPECT_THAT(text, HasSubstr("cost at 0.5 (c / b)"));
  EXPECT_THAT(text, HasSubstr("cost at 30 (c / b)"));
  EXPECT_THAT(text, HasSubstr("note: hubert ran out of memory at 30 seconds; the last length that "
                              "fitted: 10 seconds\n"));
}

TEST(ResultTextTest, FirstTokensOfDecodingStandBelowTheTable) {
  v1::JobResult result = ExampleResult();
  for (const char* variant : {"bert", "longformer"}) {
    for (const int64_t length : {64, 4096}) {
      *result.add_costs() =
          MakeCost(variant, v1::METRIC_FIRST_TOKEN, length, static_cast<double>(length) * 1e-3);
    }
  }
  EXPECT_THAT(RenderResult(ExampleJob(), result),
              HasSubstr("\n  first token after 4,096 tokens: bert 4.10 s, longformer 4.10 s\n"));
}

TEST(ResultTextTest, CheckOfABaselineAgainstItselfStandsBelowTheTable) {
  v1::JobResult result = ExampleResult();
  *result.add_self_checks() = ExampleSelfCheck();
  EXPECT_THAT(RenderResult(ExampleJob(), result),
              HasSubstr("\n  A/A check: bert against itself at 128 tokens: +0.2 % "
                        "(-0.4 to +0.9 %), no difference\n"));
  result.mutable_self_checks(0)->set_mode(v1::MODE_TRAINING);
  EXPECT_THAT(RenderResult(ExampleJob(), result), Not(HasSubstr("A/A")));
}

TEST(ResultTextTest, RunningJobHasNoCostsYet) {
  v1::Job job = ExampleJob();
  job.mutable_sweeps(0)->set_state(v1::Sweep::STATE_RUNNING);
  job.clear_end_time();
  v1::JobResult result = ExampleResult();
  result.set_state(v1::Job::STATE_RUNNING);
  result.clear_costs();
  const std::string text = RenderResult(job, result);
  EXPECT_THAT(text, HasSubstr("job k3f9x2a1bc text-encoders: running\n"));
  EXPECT_THAT(text, HasSubstr("1 thread: running\n"));
  EXPECT_THAT(text, Not(HasSubstr("MiB")));
}

TEST(ResultTextTest, FailedSweepSaysWhy) {
  v1::Job job = ExampleJob();
  v1::Sweep* sweep = job.mutable_sweeps(0);
  sweep->set_state(v1::Sweep::STATE_FAILED);
  sweep->mutable_failure()->set_reason(v1::Failure::REASON_TIMED_OUT);
  sweep->mutable_failure()->set_message("no answer for 60 s");
  EXPECT_THAT(RenderResult(job, v1::JobResult()),
              HasSubstr("1 thread: failed\n  failed (timed out): no answer for 60 s\n"));
}

TEST(ResultTextTest, DifferentRangesStandInTheirCells) {
  v1::JobResult result = ExampleResult();
  result.mutable_comparisons(1)->set_range_max(2048);
  const std::string text = RenderResult(ExampleJob(), result);
  EXPECT_THAT(text, HasSubstr("cost at the longest (c / b)"));
  EXPECT_THAT(text, HasSubstr("4,096: 125 ms / 250 ms"));
  EXPECT_THAT(text, HasSubstr("2,048: ? / ?"));
}

TEST(ResultTextTest, BatchSizesGetAColumn) {
  v1::JobResult result = ExampleResult();
  result.mutable_comparisons(1)->set_batch_size(8);
  EXPECT_THAT(RenderResult(ExampleJob(), result), HasSubstr("batch"));
}

TEST(ResultTextTest, ManyFailuresAreCounted) {
  v1::JobResult result = ExampleResult();
  for (int i = 0; i < 7; ++i) {
    *result.add_costs() = result.costs(7);
  }
  EXPECT_THAT(RenderResult(ExampleJob(), result), HasSubstr("note: 3 more points failed"));
}

TEST(ResultTextTest, NoteOfAWholeMetricNamesTheMetricOnly) {
  v1::JobResult result = ExampleResult();
  v1::Comparison* memory = result.mutable_comparisons(1);
  memory->set_note("exact at multiples of 64");
  v1::Comparison again = *memory;
  again.set_candidate("nystromformer");
  *result.add_comparisons() = again;
  const std::string text = RenderResult(ExampleJob(), result);
  EXPECT_NE(text.find("  note: peak memory: exact at multiples of 64\n"), std::string::npos)
      << text;
}

}  // namespace
}  // namespace cusp::client
