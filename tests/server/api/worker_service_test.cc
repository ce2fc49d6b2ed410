#include "server/api/worker_service.h"

#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class WorkerServiceTest : public ServiceTest {
 protected:
  v1::DesiredState::Action ActionOf(const std::string& worker, const std::string& attempt) {
    const auto response = Sync(worker, attempt);
    EXPECT_THAT(response, IsOk());
    return response.ok() ? response->desired_state().action()
                         : v1::DesiredState::ACTION_UNSPECIFIED;
  }
  void ExpireLeases() {
    clock_.Advance(std::chrono::seconds(16));
    coordinator_->Tick();
  }
};

TEST_F(WorkerServiceTest, UnknownWorkerIsToldToRegister) {
  EXPECT_THAT(Sync("nobody"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("register")));
}

TEST_F(WorkerServiceTest, BadRegistrationsAreRefused) {
  EXPECT_THAT(Register("a b"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Register("w", "no-uuid"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(WorkerServiceTest, LostAnswerIsGivenAgain) {
  SubmitSmall();
  const std::string attempt = Lease("w");
  EXPECT_EQ(Sync("w")->desired_state().assignment().attempt(), attempt);
}

TEST_F(WorkerServiceTest, NewProcessOfAWorkerGetsANewAttempt) {
  SubmitSmall();
  const std::string attempt = Lease("w");
  EXPECT_THAT(Lease("w"), EndsWith("/attempts/2"));
  EXPECT_EQ(ActionOf("w", attempt), v1::DesiredState::ACTION_ABANDON);
}

TEST_F(WorkerServiceTest, HigherPriorityGoesFirstThenOlderJobs) {
  const std::string low = SubmitSmall("auto", -1);
  const std::string first = SubmitSmall("cpu", 5);
  const std::string second = SubmitSmall("Fake CPU", 5);
  SubmitSmall("cuda", 100);
  EXPECT_THAT(Lease("a"), HasSubstr(first));
  EXPECT_THAT(Lease("b"), HasSubstr(second));
  EXPECT_THAT(Lease("c"), HasSubstr(low));
}

TEST_F(WorkerServiceTest, ExpiredLeaseRequeuesTheSweepForAnotherWorker) {
  const std::string job = SubmitSmall();
  const std::string first = Lease("a");
  ASSERT_THAT(SendBlock(first, 1), IsOkAndHolds(1));
  ExpireLeases();
  ASSERT_THAT(Register("b"), IsOk());
  const auto response = Sync("b");
  const v1::Assignment& assignment = response->desired_state().assignment();
  EXPECT_EQ(assignment.attempt(), job + "/sweeps/1/attempts/2");
  EXPECT_EQ(assignment.blocks_committed(), 1);
  EXPECT_EQ(assignment.last_block(), 1);
  EXPECT_EQ(ActionOf("a", first), v1::DesiredState::ACTION_ABANDON);
}

TEST_F(WorkerServiceTest, WorkerThatComesBackFirstKeepsItsAttempt) {
  const std::string job = SubmitSmall();
  const std::string attempt = Lease("a");
  ExpireLeases();
  ASSERT_THAT(SendBlock(attempt, 1), IsOkAndHolds(1));
  EXPECT_EQ(ActionOf("a", attempt), v1::DesiredState::ACTION_MEASURE);
  EXPECT_EQ(Get(job)->sweeps(0).state(), v1::Sweep::STATE_RUNNING);
  EXPECT_EQ(Get(job)->sweeps(0).attempt(), 1);
}

TEST_F(WorkerServiceTest, RestartCountsLeasesAsRenewed) {
  const std::string job = SubmitSmall();
  const std::string attempt = Lease("a");
  clock_.Advance(std::chrono::seconds(60));
  Restart();
  clock_.Advance(std::chrono::seconds(10));
  coordinator_->Tick();
  EXPECT_EQ(Get(job)->sweeps(0).state(), v1::Sweep::STATE_RUNNING);
  EXPECT_EQ(ActionOf("a", attempt), v1::DesiredState::ACTION_MEASURE);
}

TEST_F(WorkerServiceTest, StaleAttemptChangesNothing) {
  SubmitSmall();
  const std::string stale = Lease("a");
  ExpireLeases();
  const std::string current = Lease("b");
  EXPECT_THAT(SendBlock(stale, 1), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Finish(stale, v1::FinishAttemptRequest::OUTCOME_SUCCEEDED),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(ActionOf("b", current), v1::DesiredState::ACTION_MEASURE);
}

TEST_F(WorkerServiceTest, CancelledJobIsAbandonedAtTheNextSync) {
  const std::string job = SubmitSmall();
  const std::string attempt = Lease("a");
  ASSERT_THAT(Cancel(job, NewUuid()), IsOk());
  const auto response = Sync("a", attempt);
  EXPECT_EQ(response->desired_state().action(), v1::DesiredState::ACTION_ABANDON);
  EXPECT_THAT(response->desired_state().reason(), HasSubstr("cancelled"));
  EXPECT_THAT(Finish(attempt, v1::FinishAttemptRequest::OUTCOME_RELEASED), IsOk());
  EXPECT_EQ(Get(job)->state(), v1::Job::STATE_CANCELLED);
}

TEST_F(WorkerServiceTest, FinishedSweepEndsTheJobAndMayBeRepeated) {
  const std::string job = SubmitSmall();
  const std::string attempt = Lease("a");
  ASSERT_THAT(Finish(attempt, v1::FinishAttemptRequest::OUTCOME_SUCCEEDED), IsOk());
  EXPECT_THAT(Finish(attempt, v1::FinishAttemptRequest::OUTCOME_SUCCEEDED), IsOk());
  EXPECT_THAT(Finish(attempt, v1::FinishAttemptRequest::OUTCOME_FAILED),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(Get(job)->state(), v1::Job::STATE_SUCCEEDED);
}

TEST_F(WorkerServiceTest, ReportedFailureFailsTheJob) {
  const std::string job = SubmitSmall();
  ASSERT_THAT(Finish(Lease("a"), v1::FinishAttemptRequest::OUTCOME_FAILED), IsOk());
  EXPECT_EQ(Get(job)->state(), v1::Job::STATE_FAILED);
  EXPECT_EQ(Get(job)->failure().message(), "it died");
}

TEST_F(WorkerServiceTest, ReleasedSweepGoesToTheNextWorker) {
  SubmitSmall();
  ASSERT_THAT(Finish(Lease("a"), v1::FinishAttemptRequest::OUTCOME_RELEASED), IsOk());
  EXPECT_THAT(Lease("b"), EndsWith("/attempts/2"));
}

TEST_F(WorkerServiceTest, ListShowsStatesByName) {
  SubmitSmall();
  ASSERT_THAT(Register("b"), IsOk());
  Lease("a");
  grpc::ClientContext context;
  v1::ListWorkersResponse response;
  ASSERT_TRUE(workers_->ListWorkers(&context, v1::ListWorkersRequest(), &response).ok());
  ASSERT_THAT(response.workers(), SizeIs(2));
  EXPECT_EQ(response.workers(0).name(), "workers/a");
  EXPECT_EQ(response.workers(0).state(), v1::Worker::STATE_BUSY);
  EXPECT_THAT(response.workers(0).current_sweep(), EndsWith("/sweeps/1"));
  EXPECT_EQ(response.workers(1).state(), v1::Worker::STATE_IDLE);
}

}  // namespace
}  // namespace cusp::server
