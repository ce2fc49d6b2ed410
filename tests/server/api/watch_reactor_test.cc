#include "server/api/watch_reactor.h"

#include <memory>
#include <string>
#include <vector>

#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

class WatchReactorTest : public ServiceTest {
 protected:
  std::unique_ptr<grpc::ClientReader<v1::WatchJobResponse>> Watch(grpc::ClientContext& context,
                                                                  const std::string& name) {
    v1::WatchJobRequest request;
    request.set_name(name);
    return jobs_->WatchJob(&context, request);
  }
};

TEST_F(WatchReactorTest, SnapshotThenChangesUntilTheEnd) {
  const std::string job = SubmitSmall();
  grpc::ClientContext context;
  const auto stream = Watch(context, job);
  v1::WatchJobResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.job().state(), v1::Job::STATE_QUEUED);
  const std::string attempt = Lease("w");
  while (response.job().state() == v1::Job::STATE_QUEUED) {  // again, where it was noticed late
    ASSERT_TRUE(stream->Read(&response));
  }
  EXPECT_EQ(response.job().state(), v1::Job::STATE_RUNNING);
  ASSERT_THAT(Finish(attempt, v1::FinishAttemptRequest::OUTCOME_SUCCEEDED), IsOk());
  while (stream->Read(&response)) {
  }
  EXPECT_EQ(response.job().state(), v1::Job::STATE_SUCCEEDED);
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(WatchReactorTest, SlowReaderGetsTheLastStateAndNeverAnOlderAfterANewer) {
  const std::string job = SubmitSmall();
  grpc::ClientContext context;
  const auto stream = Watch(context, job);
  const std::string attempt = Lease("w");
  constexpr int64_t kBlocks = 50;
  for (int64_t i = 1; i <= kBlocks; ++i) {
    ASSERT_THAT(SendBlock(attempt, i), IsOk());
  }
  ASSERT_THAT(Finish(attempt, v1::FinishAttemptRequest::OUTCOME_SUCCEEDED), IsOk());
  v1::WatchJobResponse response;
  int64_t blocks = 0;
  while (stream->Read(&response)) {
    EXPECT_GE(response.job().sweeps(0).blocks_committed(), blocks);
    blocks = response.job().sweeps(0).blocks_committed();
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(blocks, kBlocks);
  EXPECT_EQ(response.job().state(), v1::Job::STATE_SUCCEEDED);
}

TEST_F(WatchReactorTest, ProgressThatIsNotStoredIsSentToo) {
  const std::string job = SubmitSmall();
  const std::string attempt = Lease("w");
  grpc::ClientContext context;
  const auto stream = Watch(context, job);
  v1::WatchJobResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_FALSE(response.job().sweeps(0).has_progress());
  grpc::ClientContext sync;
  v1::SyncWorkerRequest report;
  report.set_worker("workers/w");
  report.mutable_current_state()->set_attempt(attempt);
  report.mutable_current_state()->mutable_progress()->set_blocks_done(7);
  v1::SyncWorkerResponse desired;
  ASSERT_TRUE(workers_->SyncWorker(&sync, report, &desired).ok());
  // The notice of the lease may still come first.
  while (response.job().sweeps(0).progress().blocks_done() != 7) {
    ASSERT_TRUE(stream->Read(&response));
  }
}

TEST_F(WatchReactorTest, AllWatchersOfAJobSeeItsEnd) {
  const std::string job = SubmitSmall();
  grpc::ClientContext contexts[3];
  std::vector<std::unique_ptr<grpc::ClientReader<v1::WatchJobResponse>>> streams;
  for (grpc::ClientContext& context : contexts) {
    streams.push_back(Watch(context, job));
  }
  ASSERT_THAT(Cancel(job, NewUuid()), IsOk());
  for (const auto& stream : streams) {
    v1::WatchJobResponse response;
    while (stream->Read(&response)) {
    }
    EXPECT_TRUE(stream->Finish().ok());
    EXPECT_EQ(response.job().state(), v1::Job::STATE_CANCELLED);
  }
}

TEST_F(WatchReactorTest, EndedJobGivesOneSnapshot) {
  const std::string job = SubmitSmall();
  ASSERT_THAT(Cancel(job, NewUuid()), IsOk());
  grpc::ClientContext context;
  const auto stream = Watch(context, job);
  v1::WatchJobResponse response;
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.job().state(), v1::Job::STATE_CANCELLED);
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(WatchReactorTest, UnknownJobIsNotFound) {
  grpc::ClientContext context;
  const auto stream = Watch(context, "jobs/none");
  v1::WatchJobResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(WatchReactorTest, StoppingServiceTellsWatchersToComeBack) {
  grpc::ClientContext context;
  const auto stream = Watch(context, SubmitSmall());
  v1::WatchJobResponse response;
  ASSERT_TRUE(stream->Read(&response));
  coordinator_->Stop();
  while (stream->Read(&response)) {
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(WatchReactorTest, WatcherThatHangsUpIsForgotten) {
  const std::string job = SubmitSmall();
  {
    grpc::ClientContext context;
    const auto stream = Watch(context, job);
    v1::WatchJobResponse response;
    ASSERT_TRUE(stream->Read(&response));
    context.TryCancel();
  }
  EXPECT_THAT(Cancel(job, NewUuid()), IsOk());
}

}  // namespace
}  // namespace cusp::server
