#include "client/cli/job_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/example_job.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

TEST(JobTextTest, TellsStateTimesAndSweeps) {
  EXPECT_EQ(RenderJob(ExampleJob(), 1'767'225'600 + 600),
            R"(job        k3f9x2a1bc
name       text-encoders
state      succeeded, 1 of 1 sweeps ended
owner      maria
submitted  10m ago
started    9m ago
ended      9m ago

sweep  mode       dtype    state      blocks  attempts  worker  device
    1  inference  float32  succeeded  324            1  local   Fast CPU
)");
}

TEST(JobTextTest, TellsOfPrunedSamplesAndOfWhereItCameFrom) {
  v1::Job job = ExampleJob();
  EXPECT_THAT(RenderJob(job, 0), ::testing::Not(HasSubstr("samples")));
  job.mutable_samples_prune_time()->set_seconds(1'767'225'600);
  job.set_original_owner("bob");
  EXPECT_THAT(RenderJob(job, 0), HasSubstr("owner      maria, imported; first bob\n"));
  EXPECT_THAT(RenderJob(job, 0), HasSubstr("samples were pruned on 2026-01-01 00:00 UTC"));
}

TEST(JobTextTest, TellsWhyItWaitsOrFailed) {
  v1::Job job = ExampleJob();
  job.set_state(v1::Job::STATE_FAILED);
  job.set_waiting_reason("no worker");
  job.mutable_failure()->set_reason(v1::Failure::REASON_OUT_OF_MEMORY);
  job.mutable_failure()->set_message("every point");
  *job.mutable_sweeps(0)->mutable_failure() = job.failure();
  const std::string text = RenderJob(job, 1'767'225'600);
  EXPECT_THAT(text, HasSubstr("waiting    no worker\n"));
  EXPECT_THAT(text, HasSubstr("failure    out of memory: every point\n"));
  EXPECT_THAT(text, HasSubstr("sweep 1 failed: out of memory: every point\n"));
}

TEST(JobTextTest, TellsWhatItFollowsAndItsDeadline) {
  v1::Job job = ExampleJob();
  job.add_after_ok("jobs/abc");
  job.add_after_ok("jobs/def");
  job.mutable_deadline()->set_seconds(1'767'225'600);
  const std::string text = RenderJob(job, 1'767'225'600);
  EXPECT_THAT(text, HasSubstr("after      abc, def\n"));
  EXPECT_THAT(text, HasSubstr("deadline   2026-01-01 00:00 UTC\n"));
}

TEST(JobTextTest, HoldIsToldWhileSomethingRuns) {
  v1::Job job = ExampleJob();
  job.set_held(true);
  job.set_state(v1::Job::STATE_RUNNING);
  EXPECT_THAT(RenderJob(job, 0), HasSubstr("held       yes"));
  job.set_state(v1::Job::STATE_HELD);
  EXPECT_THAT(RenderJob(job, 0), testing::Not(HasSubstr("held       ")));
}

}  // namespace
}  // namespace cusp::client
