// What an administrator or NTP does to the date must end no lease and lose no job.
#include <chrono>
#include <string>

#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

constexpr int64_t kDayUs = 86'400LL * 1'000'000;

class ClockJumpTest : public ServiceTest {
 protected:
  void Jump(int64_t by_us) {
    clock_.SetWallMicros(clock_.WallMicros() + by_us);
    coordinator_->Tick();
  }

  v1::Sweep::State SweepState(const std::string& job) { return Get(job)->sweeps(0).state(); }
};

TEST_F(ClockJumpTest, DateThatJumpsEndsNoLeaseAndProlongsNone) {
  for (const int64_t by : {kDayUs, -2 * kDayUs}) {
    const std::string job = SubmitSmall();
    const std::string attempt = Lease("w");
    Jump(by);
    EXPECT_EQ(SweepState(job), v1::Sweep::STATE_RUNNING);
    EXPECT_THAT(SendBlock(attempt, 1), IsOk());
    clock_.Advance(std::chrono::seconds(14));
    coordinator_->Tick();
    EXPECT_EQ(SweepState(job), v1::Sweep::STATE_RUNNING);
    clock_.Advance(std::chrono::seconds(2));
    coordinator_->Tick();
    // The writer's thread frees it; this write comes after that one.
    ASSERT_THAT(Cancel(SubmitSmall("cuda"), NewUuid()), IsOk());
    EXPECT_EQ(SweepState(job), v1::Sweep::STATE_QUEUED);
    ASSERT_THAT(Cancel(job, NewUuid()), IsOk());
  }
}

TEST_F(ClockJumpTest, JobsKeepTheirOrderWhenTheDateGoesBack) {
  const std::string first = SubmitSmall();
  Jump(-kDayUs);
  const std::string second = SubmitSmall();
  EXPECT_EQ(Lease("w").substr(0, first.size()), first);
  grpc::ClientContext context;
  v1::ListJobsResponse list;
  ASSERT_TRUE(jobs_->ListJobs(&context, {}, &list).ok());
  ASSERT_EQ(list.jobs_size(), 2);
  EXPECT_EQ(list.jobs(0).name(), second);
  EXPECT_EQ(list.jobs(1).name(), first);
}

TEST_F(ClockJumpTest, JobOfTheFutureEndsAndIsInTheHistory) {
  Jump(kDayUs);
  const std::string job = SubmitSmall();
  const std::string attempt = Lease("w");
  Jump(-2 * kDayUs);
  ASSERT_THAT(SendBlock(attempt, 1), IsOk());
  ASSERT_THAT(Finish(attempt, v1::FinishAttemptRequest::OUTCOME_SUCCEEDED), IsOk());
  EXPECT_EQ(Get(job)->state(), v1::Job::STATE_SUCCEEDED);
  grpc::ClientContext context;
  v1::ListHistoryResponse history;
  ASSERT_TRUE(results_->ListHistory(&context, {}, &history).ok());
  EXPECT_EQ(history.entries_size(), 1);
}

}  // namespace
}  // namespace cusp::server
