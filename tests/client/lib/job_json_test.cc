#include "client/lib/job_json.h"

#include <gtest/gtest.h>

#include "tests/client/example_job.h"

namespace cusp::client {
namespace {

TEST(JobJsonTest, JobHasIdNameAndState) {
  const auto json = JobToJson(ExampleJob());
  EXPECT_EQ(json["id"], "k3f9x2a1bc");
  EXPECT_EQ(json["name"], "text-encoders");
  EXPECT_EQ(json["state"], "SUCCEEDED");
  EXPECT_EQ(json["create_time"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(json["sweeps"][0]["mode"], "inference");
  EXPECT_EQ(json["sweeps"][0]["device"], "Fast CPU");
  EXPECT_EQ(json["spec"]["lengths"]["unit"], "LENGTH_UNIT_TOKENS");
  EXPECT_FALSE(json.contains("failure"));
}

TEST(JobJsonTest, ListedJobLeavesOutWhatTheListDoesNotHold) {
  v1::Job job;
  job.set_name("jobs/a");
  job.set_state(v1::Job::STATE_QUEUED);
  job.set_waiting_reason("no worker");
  const auto json = JobToJson(job);
  EXPECT_EQ(json["state"], "QUEUED");
  EXPECT_TRUE(json["start_time"].is_null());
  EXPECT_EQ(json["waiting_reason"], "no worker");
  EXPECT_FALSE(json.contains("sweeps"));
  EXPECT_FALSE(json.contains("spec"));
}

TEST(JobJsonTest, WaitingJobHasWhatItWaitsForAndItsEstimatedStart) {
  v1::Job job;
  job.set_name("jobs/a");
  job.set_waiting_reason("3 ahead");
  EXPECT_TRUE(JobToJson(job)["estimated_start_time"].is_null());
  job.mutable_estimated_start_time()->set_seconds(1'767'225'600);
  job.mutable_deadline()->set_seconds(1'767'225'660);
  job.add_after_ok("jobs/b");
  job.set_held(true);
  const auto json = JobToJson(job);
  EXPECT_EQ(json["estimated_start_time"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(json["deadline"], "2026-01-01T00:01:00Z");
  EXPECT_EQ(json["after_ok"].dump(), R"(["b"])");
  EXPECT_EQ(json["held"], true);
}

TEST(JobJsonTest, FailureHasReasonAndMessage) {
  v1::Job job;
  job.mutable_failure()->set_reason(v1::Failure::REASON_OUT_OF_MEMORY);
  job.mutable_failure()->set_message("every point");
  EXPECT_EQ(JobToJson(job)["failure"].dump(),
            R"({"reason":"out_of_memory","message":"every point"})");
}

TEST(JobJsonTest, WorkerHasClassAndState) {
  v1::Worker worker;
  worker.set_name("workers/gpu0");
  worker.set_state(v1::Worker::STATE_BUSY);
  worker.set_device_class("NVIDIA H200");
  worker.set_drain_reason("broken");
  const auto json = WorkerToJson(worker);
  EXPECT_EQ(json["drain_reason"], "broken");
  EXPECT_EQ(json["state"], "BUSY");
  EXPECT_EQ(json["device_class"], "NVIDIA H200");
  EXPECT_TRUE(json["last_sync_time"].is_null());
}

TEST(JobJsonTest, LengthsOfAudioAreTheSecondsOfTheJobFile) {
  v1::JobSpec spec = SpeechJob().spec();
  spec.mutable_lengths()->set_quantum(320);
  spec.mutable_lengths()->add_list(8000);
  EXPECT_EQ(SpecToJson(spec)["lengths"].dump(),
            R"({"min":0.5,"max":30.0,"unit":"LENGTH_UNIT_SECONDS","quantum":0.02,"list":[0.5]})");
}

}  // namespace
}  // namespace cusp::client
