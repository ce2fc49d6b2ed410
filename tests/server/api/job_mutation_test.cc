#include "server/api/job_mutation.h"

#include <utility>

#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

class JobMutationTest : public ServiceTest {
 protected:
  static v1::SubmitJobRequest SmallRequest() {
    v1::SubmitJobRequest request;
    request.set_request_id(NewUuid());
    *request.mutable_spec() = SmallSpec();
    return request;
  }
};

TEST_F(JobMutationTest, AdministratorsMayChangeEverything) {
  EXPECT_TRUE(ActorOf({.user = "ann", .role = Role::kAdmin}).is_admin);
  EXPECT_FALSE(ActorOf({.user = "admin", .role = Role::kSubmitter}).is_admin);
  EXPECT_EQ(ActorOf({.user = "ann", .role = Role::kSubmitter}).user, "ann");
}

TEST_F(JobMutationTest, HeldJobIsReleasedToAWorker) {
  v1::SubmitJobRequest request = SmallRequest();
  request.set_hold(true);
  const auto job = Submit(request);
  ASSERT_THAT(job, IsOk());
  EXPECT_EQ(job->state(), v1::Job::STATE_HELD);
  EXPECT_TRUE(job->held());
  EXPECT_THAT(Get(job->name())->waiting_reason(), HasSubstr("held by its owner"));
  const auto released = Release(job->name());
  ASSERT_THAT(released, IsOk());
  EXPECT_EQ(released->state(), v1::Job::STATE_QUEUED);
  EXPECT_THAT(Lease("w"), HasSubstr(job->name()));
}

TEST_F(JobMutationTest, RepeatedRequestGivesTheFirstAnswerAndChangesNothing) {
  const std::string name = SubmitSmall();
  const std::string id = NewUuid();
  const auto first = Hold(name, id);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(Release(name), IsOk());
  const auto again = Hold(name, id);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(Get(name)->state(), v1::Job::STATE_QUEUED);
}

TEST_F(JobMutationTest, RequestIdIsOfOneMethodAndOneJob) {
  const std::string name = SubmitSmall();
  const std::string other = SubmitSmall();
  const std::string id = NewUuid();
  ASSERT_THAT(Hold(name, id), IsOk());
  EXPECT_THAT(Hold(other, id), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Retry(name, id), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Hold(name, "me"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("UUID")));
}

TEST_F(JobMutationTest, UnknownJobsAreNotFound) {
  EXPECT_THAT(Hold("jobs/0"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Release("jobs/0"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Retry("jobs/0"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(SetPriority("jobs/0", 1), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Hold("0"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(JobMutationTest, RetriedJobIsMeasuredAgainAfterARestartToo) {
  const std::string name = SubmitSmall();
  ASSERT_THAT(Finish(Lease("w"), v1::FinishAttemptRequest::OUTCOME_FAILED), IsOk());
  const auto retried = Retry(name);
  ASSERT_THAT(retried, IsOk());
  EXPECT_EQ(retried->state(), v1::Job::STATE_QUEUED);
  EXPECT_FALSE(retried->has_failure());
  Restart();
  ASSERT_THAT(Finish(Lease("w"), v1::FinishAttemptRequest::OUTCOME_SUCCEEDED), IsOk());
  EXPECT_EQ(Get(name)->state(), v1::Job::STATE_SUCCEEDED);
  EXPECT_THAT(Retry(name), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(JobMutationTest, PriorityIsChangedWithinItsRange) {
  SubmitSmall();
  const std::string second = SubmitSmall();
  EXPECT_EQ(SetPriority(second, 100)->priority(), 100);
  EXPECT_THAT(SetPriority(second, 101), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(Get(second)->priority(), 100);
  EXPECT_THAT(Lease("w"), HasSubstr(second));
}

TEST_F(JobMutationTest, JobThatFollowsAFailedOneFailsNamingIt) {
  const std::string first = SubmitSmall();
  v1::SubmitJobRequest request = SmallRequest();
  request.add_after_ok(first);
  const auto follower = Submit(request);
  ASSERT_THAT(follower, IsOk());
  EXPECT_EQ(follower->after_ok(0), first);
  EXPECT_THAT(Get(follower->name())->waiting_reason(), HasSubstr("to succeed"));
  ASSERT_THAT(Cancel(first, NewUuid()), IsOk());
  const v1::Job failed = WatchToTheEnd(follower->name());
  EXPECT_EQ(failed.failure().reason(), v1::Failure::REASON_DEPENDENCY);
  EXPECT_THAT(failed.failure().message(), HasSubstr(first.substr(5)));
}

TEST_F(JobMutationTest, UnknownJobToFollowIsRefused) {
  v1::SubmitJobRequest request = SmallRequest();
  request.add_after_ok("jobs/0");
  EXPECT_THAT(Submit(request), StatusIs(absl::StatusCode::kNotFound, HasSubstr("after_ok")));
}

TEST_F(JobMutationTest, SubmissionIsAnsweredAgainAfterItsDeadline) {
  v1::SubmitJobRequest request = SmallRequest();
  request.mutable_deadline()->set_seconds(clock_.WallMicros() / 1'000'000 + 10);
  const auto job = Submit(request);
  ASSERT_THAT(job, IsOk());
  clock_.Advance(std::chrono::seconds(20));
  EXPECT_EQ(Submit(request)->name(), job->name());
  request.set_request_id(NewUuid());
  EXPECT_THAT(Submit(request), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("passed")));
}

}  // namespace
}  // namespace cusp::server
