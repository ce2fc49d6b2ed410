#include "server/api/sync_reactor.h"

#include <google/protobuf/util/time_util.h>

#include <chrono>
#include <future>
#include <thread>

#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

using ::google::protobuf::util::TimeUtil;
using ::testing::HasSubstr;

class SyncReactorTest : public ServiceTest {
 protected:
  using Response = absl::StatusOr<v1::SyncWorkerResponse>;

  Response Sync(const v1::SyncWorkerRequest& request) {
    grpc::ClientContext context;
    v1::SyncWorkerResponse response;
    const grpc::Status status = workers_->SyncWorker(&context, request, &response);
    if (!status.ok()) {
      return FromGrpc(status);
    }
    return response;
  }
  using ServiceTest::Sync;

  // A sync of "w" on a thread of its own.
  std::future<Response> SyncIdle() {
    return std::async(std::launch::async, [this] { return Sync("w"); });
  }

  // When the only worker was heard of.
  google::protobuf::Timestamp LastSync() {
    grpc::ClientContext context;
    v1::ListWorkersResponse response;
    EXPECT_TRUE(workers_->ListWorkers(&context, v1::ListWorkersRequest(), &response).ok());
    return response.workers(0).last_sync_time();
  }

  // A sync of "w" for `attempt`, with so many blocks done.
  static v1::SyncWorkerRequest Report(const std::string& attempt, int64_t blocks_done) {
    v1::SyncWorkerRequest request;
    request.set_worker("workers/w");
    request.mutable_current_state()->set_attempt(attempt);
    request.mutable_current_state()->mutable_progress()->set_blocks_done(blocks_done);
    return request;
  }
};

TEST_F(SyncReactorTest, AssignmentHasWhatTheWorkerNeeds) {
  const std::string job = SubmitSmall();
  ASSERT_THAT(Register("w"), IsOk());
  const auto response = Sync("w");
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->desired_state().action(), v1::DesiredState::ACTION_MEASURE);
  const v1::Assignment& assignment = response->desired_state().assignment();
  EXPECT_EQ(assignment.attempt(), job + "/sweeps/1/attempts/1");
  EXPECT_EQ(assignment.mode(), v1::MODE_INFERENCE);
  EXPECT_EQ(assignment.dtype(), v1::DTYPE_FLOAT32);
  EXPECT_EQ(assignment.spec().baselines(0).name(), "bert");
  EXPECT_EQ(assignment.blocks_committed(), 0);
  EXPECT_EQ(TimeUtil::DurationToSeconds(response->next_sync()), 5);
  EXPECT_EQ(Get(job)->state(), v1::Job::STATE_RUNNING);
}

TEST_F(SyncReactorTest, SubmissionWakesAWaitingWorker) {
  ASSERT_THAT(Register("w"), IsOk());
  auto waiting = SyncIdle();
  const std::string job = SubmitSmall();
  const auto response = waiting.get();  // no tick: only the wake-up can answer
  ASSERT_THAT(response, IsOk());
  EXPECT_THAT(response->desired_state().assignment().attempt(), HasSubstr(job));
}

TEST_F(SyncReactorTest, IdleSyncIsAnsweredAfterItsTimeAndTheNextMayComeAtOnce) {
  ASSERT_THAT(Register("w"), IsOk());
  auto waiting = SyncIdle();
  while (waiting.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
    clock_.Advance(std::chrono::seconds(1));
    coordinator_->Tick();
  }
  const auto response = waiting.get();
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->desired_state().action(), v1::DesiredState::ACTION_IDLE);
  EXPECT_LT(TimeUtil::DurationToMilliseconds(response->next_sync()), 1000);
}

TEST_F(SyncReactorTest, DrainingWorkerGetsNothingAndNeverWaits) {
  SubmitSmall();
  ASSERT_THAT(Register("w"), IsOk());
  v1::SyncWorkerRequest request;
  request.set_worker("workers/w");
  request.mutable_current_state()->set_draining(true);
  const auto response = Sync(request);  // no tick
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->desired_state().action(), v1::DesiredState::ACTION_IDLE);
  EXPECT_EQ(TimeUtil::DurationToSeconds(response->next_sync()), 5);
}

TEST_F(SyncReactorTest, SyncRenewsTheLease) {
  SubmitSmall();
  const std::string attempt = Lease("w");
  for (int i = 0; i < 3; ++i) {
    clock_.Advance(std::chrono::seconds(14));
    coordinator_->Tick();
    const auto response = Sync("w", attempt);
    ASSERT_THAT(response, IsOk());
    EXPECT_EQ(response->desired_state().assignment().attempt(), attempt);
  }
}

TEST_F(SyncReactorTest, ReportedProgressIsShownUntilTheAttemptEnds) {
  const std::string job = SubmitSmall();
  const std::string attempt = Lease("w");
  ASSERT_THAT(Sync(Report(attempt, 7)), IsOk());
  EXPECT_EQ(Get(job)->sweeps(0).progress().blocks_done(), 7);
  ASSERT_THAT(Finish(attempt, v1::FinishAttemptRequest::OUTCOME_RELEASED), IsOk());
  ASSERT_NE(Lease("w"), "");
  EXPECT_FALSE(Get(job)->sweeps(0).has_progress());
}

TEST_F(SyncReactorTest, StaleAttemptIsToldWhyAndItsProgressIsNotShown) {
  const std::string job = SubmitSmall();
  const std::string stale = Lease("w");
  const std::string current = Lease("w");
  ASSERT_THAT(Sync(Report(current, 1)), IsOk());
  const auto response = Sync(Report(stale, 99));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->desired_state().action(), v1::DesiredState::ACTION_ABANDON);
  EXPECT_THAT(response->desired_state().reason(), HasSubstr("stale"));
  EXPECT_EQ(Get(job)->sweeps(0).progress().blocks_done(), 1);
}

TEST_F(SyncReactorTest, WorkerThatHangsUpWhileWaitingGetsNothing) {
  ASSERT_THAT(Register("w"), IsOk());
  grpc::ClientContext context;
  auto waiting = std::async(std::launch::async, [&] {
    v1::SyncWorkerRequest request;
    request.set_worker("workers/w");
    v1::SyncWorkerResponse response;
    return workers_->SyncWorker(&context, request, &response).error_code();
  });
  while (waiting.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
    context.TryCancel();
  }
  EXPECT_EQ(waiting.get(), grpc::StatusCode::CANCELLED);
}

TEST_F(SyncReactorTest, StoppingServiceTellsWaitingWorkersToComeBack) {
  ASSERT_THAT(Register("w"), IsOk());
  const google::protobuf::Timestamp registered = LastSync();
  clock_.Advance(std::chrono::seconds(1));
  auto waiting = SyncIdle();
  while (LastSync() == registered) {  // gRPC dies of a call on the channel of a stopped server
    std::this_thread::yield();
  }
  coordinator_->Stop();
  EXPECT_THAT(waiting.get(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(SyncReactorTest, BadNamesAreRefused) {
  EXPECT_THAT(Sync("a b"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("workers/{id}")));
  EXPECT_THAT(Sync("w", "jobs/x"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("attempts/{m}")));
}

}  // namespace
}  // namespace cusp::server
