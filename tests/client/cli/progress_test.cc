#include "client/cli/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "client/cli/text_table.h"
#include "tests/client/example_job.h"
#include "tests/support/fake_clock.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

v1::Job RunningJob() {
  v1::Job job = ExampleJob();
  job.set_state(v1::Job::STATE_RUNNING);
  job.set_sweeps_ended(0);
  v1::Sweep* sweep = job.mutable_sweeps(0);
  sweep->set_state(v1::Sweep::STATE_RUNNING);
  v1::SweepProgress* progress = sweep->mutable_progress();
  progress->set_blocks_done(37);
  progress->set_blocks_expected(120);
  progress->set_current_length(1024);
  progress->mutable_time_left()->set_seconds(130);
  *progress->add_estimates()->mutable_comparison() = CrossingComparison();
  *progress->add_estimates()->mutable_comparison() = NeverComparison();
  return job;
}

TEST(RenderProgressTest, TellsBlocksLengthTimeAndEstimates) {
  EXPECT_EQ(RenderProgress(RunningJob(), {.width = 200}),
            "inference float32 · 37/120 blocks · length 1,024 · 2m10s left · "
            "longformer/bert latency 1,180 (1,110–1,240) · longformer/bert peak_memory > 4,096");
}

TEST(RenderProgressTest, LengthsOfAudioAreInSeconds) {
  v1::Job job = RunningJob();
  *job.mutable_spec() = SpeechJob().spec();
  v1::SweepProgress& progress = *job.mutable_sweeps(0)->mutable_progress();
  progress.set_current_length(24'000);
  *progress.mutable_estimates(0)->mutable_comparison() = SpeechComparison();
  progress.mutable_estimates(1)->mutable_comparison()->set_range_max(480'000);
  EXPECT_EQ(RenderProgress(job, {.width = 200}),
            "inference float32 · 37/120 blocks · length 1.5 · 2m10s left · "
            "l_hubert/hubert latency 3.26 (2.91–3.62) · longformer/bert peak_memory > 30");
}

TEST(RenderProgressTest, EstimatesTakeTurnsWhereOnlyOneFits) {
  const std::string first = RenderProgress(RunningJob(), {.width = 112, .turn = 0});
  EXPECT_THAT(first, HasSubstr("latency"));
  EXPECT_THAT(first, Not(HasSubstr("peak_memory")));
  const std::string second = RenderProgress(RunningJob(), {.width = 112, .turn = 1});
  EXPECT_THAT(second, HasSubstr("peak_memory"));
  EXPECT_THAT(second, Not(HasSubstr("latency")));
}

TEST(RenderProgressTest, NeverWiderThanTheTerminal) {
  for (size_t width = 1; width < 150; ++width) {
    EXPECT_LE(DisplayWidth(RenderProgress(RunningJob(), {.width = width})), width);
  }
}

TEST(RenderProgressTest, TimeLeftRunsDownBetweenSnapshots) {
  EXPECT_THAT(RenderProgress(RunningJob(), {.width = 0, .since = std::chrono::seconds(70)}),
              HasSubstr("1m00s left"));
  EXPECT_THAT(RenderProgress(RunningJob(), {.width = 0, .since = std::chrono::seconds(500)}),
              HasSubstr(" 0s left"));
}

TEST(RenderProgressTest, SeveralSweepsAreCounted) {
  v1::Job job = RunningJob();
  job.set_sweeps_total(4);
  job.set_sweeps_ended(1);
  EXPECT_THAT(RenderProgress(job, {}), HasSubstr("inference float32 (2 of 4)"));
}

TEST(RenderProgressTest, SweepWithoutReportIsStarting) {
  v1::Job job = RunningJob();
  job.mutable_sweeps(0)->clear_progress();
  EXPECT_EQ(RenderProgress(job, {}), "inference float32 · starting");
}

TEST(RenderProgressTest, WaitingJobTellsWhy) {
  v1::Job job;
  job.set_state(v1::Job::STATE_QUEUED);
  job.set_waiting_reason("waiting for a free NVIDIA H200");
  EXPECT_EQ(RenderProgress(job, {}), "job queued · waiting for a free NVIDIA H200");
}

class ProgressLineTest : public testing::Test {
 protected:
  void SetUp() override { file_ = std::tmpfile(); }
  void TearDown() override { std::fclose(file_); }

  std::string Written() {
    std::string text;
    std::rewind(file_);
    for (int c = std::fgetc(file_); c != EOF; c = std::fgetc(file_)) {
      text += static_cast<char>(c);
    }
    return text;
  }

  FakeClock clock_;
  std::FILE* file_ = nullptr;
};

TEST_F(ProgressLineTest, AFileIsNoTerminal) {
  EXPECT_EQ(ProgressLine::StyleOf(file_, false), ProgressLine::Style::kPlain);
  EXPECT_EQ(ProgressLine::StyleOf(file_, true), ProgressLine::Style::kNone);
}

TEST_F(ProgressLineTest, PlainLinesAreOccasional) {
  ProgressLine line(ProgressLine::Style::kPlain, file_, clock_);
  v1::Job job = RunningJob();
  line.Show(job);
  job.mutable_sweeps(0)->mutable_progress()->set_blocks_done(38);
  line.Show(job);
  line.Tick();
  clock_.Advance(std::chrono::seconds(20));
  line.Tick();
  const std::string written = Written();
  EXPECT_THAT(written, HasSubstr("37/120"));
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 2);
  EXPECT_THAT(written, Not(HasSubstr("\x1b")));
}

TEST_F(ProgressLineTest, LiveLineIsDrawnOverItselfAndRemoved) {
  {
    ProgressLine line(ProgressLine::Style::kLive, file_, clock_);
    line.Show(RunningJob());
    line.Note("hello");
    line.Show(RunningJob());
  }
  const std::string written = Written();
  EXPECT_THAT(written, testing::StartsWith("\rinference float32"));
  EXPECT_THAT(written, HasSubstr("\r\x1b[Kcusp: hello\n"));
  EXPECT_THAT(written, testing::EndsWith("\r\x1b[K"));
}

TEST_F(ProgressLineTest, QuietPrintsNothing) {
  ProgressLine line(ProgressLine::Style::kNone, file_, clock_);
  line.Show(RunningJob());
  line.Note("hello");
  EXPECT_EQ(Written(), "");
}

}  // namespace
}  // namespace cusp::client
