#include "client/lib/job_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "tests/client/lib/fake_services.h"
#include "tests/support/status_matchers.h"

namespace cusp::client {
namespace {

constexpr auto kPatience = std::chrono::seconds(20);
constexpr auto kNoPause = std::chrono::milliseconds(0);

v1::WatchJobResponse Snapshot(v1::Job::State state) {
  v1::WatchJobResponse response;
  response.mutable_job()->set_name("jobs/a");
  response.mutable_job()->set_state(state);
  return response;
}

class JobWatchTest : public testing::Test {
 protected:
  std::atomic<int> calls_ = 0;  // outlives the coordinator, which counts in it
  FakeCoordinator coordinator_;
  Client client_{coordinator_.Channel(), {.server = "fake:1", .revive = nullptr, .sleep = nullptr}};
};

TEST_F(JobWatchTest, GivesEverySnapshotInOrder) {
  coordinator_.jobs.watch = [](auto&, auto& writer) {
    writer.Write(Snapshot(v1::Job::STATE_QUEUED));
    writer.Write(Snapshot(v1::Job::STATE_SUCCEEDED));
    return grpc::Status::OK;
  };
  JobWatch watch(client_, "jobs/a");
  ASSERT_EQ(watch.Next(kPatience), JobWatch::Event::kJob);
  EXPECT_FALSE(HasEnded(watch.job()));
  ASSERT_EQ(watch.Next(kPatience), JobWatch::Event::kJob);
  EXPECT_TRUE(HasEnded(watch.job()));
}

TEST_F(JobWatchTest, ResumesAfterALostConnection) {
  coordinator_.jobs.watch = [this](auto&, auto& writer) {
    writer.Write(Snapshot(++calls_ == 1 ? v1::Job::STATE_RUNNING : v1::Job::STATE_SUCCEEDED));
    return calls_ == 1 ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone") : grpc::Status::OK;
  };
  JobWatch watch(client_, "jobs/a", kNoPause);
  ASSERT_EQ(watch.Next(kPatience), JobWatch::Event::kJob);
  ASSERT_EQ(watch.Next(kPatience), JobWatch::Event::kLost);
  EXPECT_THAT(watch.status(), StatusIs(absl::StatusCode::kUnavailable, "gone"));
  ASSERT_EQ(watch.Next(kPatience), JobWatch::Event::kJob);
  EXPECT_TRUE(HasEnded(watch.job()));
}

TEST_F(JobWatchTest, StreamThatEndsBeforeTheJobIsOpenedAgain) {
  coordinator_.jobs.watch = [this](auto&, auto& writer) {
    writer.Write(Snapshot(++calls_ == 1 ? v1::Job::STATE_RUNNING : v1::Job::STATE_FAILED));
    return grpc::Status::OK;
  };
  JobWatch watch(client_, "jobs/a", kNoPause);
  ASSERT_EQ(watch.Next(kPatience), JobWatch::Event::kJob);
  ASSERT_EQ(watch.Next(kPatience), JobWatch::Event::kLost);
  ASSERT_EQ(watch.Next(kPatience), JobWatch::Event::kJob);
}

TEST_F(JobWatchTest, UnknownJobIsRefused) {
  coordinator_.jobs.watch = [](auto&, auto&) {
    return grpc::Status(grpc::StatusCode::NOT_FOUND, "no job jobs/a");
  };
  JobWatch watch(client_, "jobs/a");
  ASSERT_EQ(watch.Next(kPatience), JobWatch::Event::kRefused);
  EXPECT_THAT(watch.status(), StatusIs(absl::StatusCode::kNotFound, "no job jobs/a"));
}

TEST_F(JobWatchTest, SilenceIsATickAndAnOpenStreamCanBeDropped) {
  coordinator_.jobs.watch = [](grpc::ServerContext& context, auto& writer) {
    writer.Write(Snapshot(v1::Job::STATE_QUEUED));
    while (!context.IsCancelled()) {
      std::this_thread::yield();
    }
    return grpc::Status::CANCELLED;
  };
  JobWatch watch(client_, "jobs/a");
  ASSERT_EQ(watch.Next(kPatience), JobWatch::Event::kJob);
  EXPECT_EQ(watch.Next(std::chrono::milliseconds(1)), JobWatch::Event::kTick);
}

}  // namespace
}  // namespace cusp::client
