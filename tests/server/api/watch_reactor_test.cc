#include "server/api/watch_reactor.h"

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
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.job().state(), v1::Job::STATE_RUNNING);
  ASSERT_THAT(Finish(attempt, v1::FinishAttemptRequest::OUTCOME_SUCCEEDED), IsOk());
  while (stream->Read(&response)) {
  }
  EXPECT_EQ(response.job().state(), v1::Job::STATE_SUCCEEDED);
  EXPECT_TRUE(stream->Finish().ok());
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
  EXPECT_FALSE(stream->Read(&response));
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
