#include "server/api/deadline_keeper.h"

#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

class DeadlineKeeperTest : public ServiceTest {
 protected:
  // A job that has to end within ten seconds.
  std::string SubmitUrgent() {
    v1::SubmitJobRequest request;
    request.set_request_id(NewUuid());
    *request.mutable_spec() = SmallSpec();
    request.mutable_deadline()->set_seconds(clock_.WallMicros() / 1'000'000 + 10);
    const auto job = Submit(request);
    EXPECT_THAT(job, IsOk());
    return job->name();
  }

  void ExpectFailedByDeadline(const std::string& name) {
    const v1::Job job = WatchToTheEnd(name);
    EXPECT_EQ(job.state(), v1::Job::STATE_FAILED);
    EXPECT_EQ(job.failure().reason(), v1::Failure::REASON_DEADLINE);
  }
};

TEST_F(DeadlineKeeperTest, PassedDeadlineFailsTheJobAndStopsItsWorker) {
  const std::string name = SubmitUrgent();
  const std::string attempt = Lease("w");
  clock_.Advance(std::chrono::seconds(10));
  KeepTicking();
  ExpectFailedByDeadline(name);
  EXPECT_EQ(Sync("w", attempt)->desired_state().action(), v1::DesiredState::ACTION_ABANDON);
}

TEST_F(DeadlineKeeperTest, DeadlineThatPassedWhileTheServiceWasDownIsKept) {
  const std::string name = SubmitUrgent();
  clock_.Advance(std::chrono::seconds(3600));
  Restart();
  KeepTicking();
  ExpectFailedByDeadline(name);
}

TEST_F(DeadlineKeeperTest, DeadlineToComeChangesNothing) {
  const std::string name = SubmitUrgent();
  clock_.Advance(std::chrono::seconds(9));
  coordinator_->Tick();
  // Written after whatever the tick wrote.
  ASSERT_THAT(SetPriority(name, 1), IsOk());
  EXPECT_EQ(Get(name)->state(), v1::Job::STATE_QUEUED);
  EXPECT_TRUE(Get(name)->has_deadline());
}

}  // namespace
}  // namespace cusp::server
