#include "server/api/job_service.h"

#include <set>

#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class JobServiceTest : public ServiceTest {
 protected:
  static v1::SubmitJobRequest SmallRequest() {
    v1::SubmitJobRequest request;
    request.set_request_id(NewUuid());
    *request.mutable_spec() = SmallSpec();
    return request;
  }

  absl::StatusOr<v1::ListJobsResponse> List(const v1::ListJobsRequest& request) {
    grpc::ClientContext context;
    v1::ListJobsResponse response;
    const grpc::Status status = jobs_->ListJobs(&context, request, &response);
    if (!status.ok()) {
      return FromGrpc(status);
    }
    return response;
  }
};

TEST_F(JobServiceTest, SubmittedJobIsQueuedWithOneSweepForEachModeAndNumberType) {
  v1::SubmitJobRequest request = SmallRequest();
  request.mutable_spec()->add_modes(v1::MODE_INFERENCE);
  request.mutable_spec()->add_modes(v1::MODE_TRAINING);
  request.mutable_spec()->add_dtypes(v1::DTYPE_FLOAT32);
  request.mutable_spec()->add_dtypes(v1::DTYPE_BFLOAT16);
  const auto job = Submit(request);
  ASSERT_THAT(job, IsOk());
  EXPECT_EQ(job->state(), v1::Job::STATE_QUEUED);
  EXPECT_EQ(job->owner(), "local");
  EXPECT_EQ(job->display_name(), "small");
  ASSERT_THAT(job->sweeps(), SizeIs(4));
  EXPECT_EQ(job->sweeps(3).name(), job->name() + "/sweeps/4");
  EXPECT_EQ(job->sweeps(3).dtype(), v1::DTYPE_BFLOAT16);
}

TEST_F(JobServiceTest, RepeatedRequestGivesTheFirstAnswer) {
  const v1::SubmitJobRequest request = SmallRequest();
  const auto first = Submit(request);
  const auto second = Submit(request);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->SerializeAsString(), second->SerializeAsString());
  v1::ListJobsRequest all;
  EXPECT_THAT(List(all)->jobs(), SizeIs(1));
}

TEST_F(JobServiceTest, RequestIdWithAnotherPayloadIsRefused) {
  v1::SubmitJobRequest request = SmallRequest();
  ASSERT_THAT(Submit(request), IsOk());
  request.mutable_spec()->set_name("other");
  EXPECT_THAT(Submit(request), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(JobServiceTest, RequestIdOfAnotherMethodIsRefused) {
  const v1::SubmitJobRequest request = SmallRequest();
  const auto job = Submit(request);
  EXPECT_THAT(Cancel(job->name(), request.request_id()),
              StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(JobServiceTest, BadSubmissionsAreRefused) {
  v1::SubmitJobRequest request = SmallRequest();
  request.set_request_id("7");
  EXPECT_THAT(Submit(request), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("UUID")));
  request = SmallRequest();
  request.mutable_spec()->mutable_candidates(0)->set_model("longfromer");
  EXPECT_THAT(Submit(request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("candidates[0]")));
}

TEST_F(JobServiceTest, ShortenedIdFindsTheJob) {
  const std::string name = SubmitSmall();
  EXPECT_EQ(Get(name.substr(0, name.size() - 4))->name(), name);
  EXPECT_THAT(Get("jobs/0"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Get("job/x"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("jobs/{id}")));
}

TEST_F(JobServiceTest, ListsAllPagesNewestFirst) {
  for (int i = 0; i < 5; ++i) {
    SubmitSmall();
  }
  v1::ListJobsRequest request;
  request.set_page_size(2);
  std::set<std::string> names;
  int pages = 0;
  do {
    const auto page = List(request);
    ASSERT_THAT(page, IsOk());
    for (const v1::Job& job : page->jobs()) {
      EXPECT_TRUE(names.insert(job.name()).second);
    }
    request.set_page_token(page->next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(pages, 3);
  EXPECT_THAT(names, SizeIs(5));
}

TEST_F(JobServiceTest, ListFiltersByState) {
  const std::string cancelled = SubmitSmall();
  SubmitSmall();
  ASSERT_THAT(Cancel(cancelled, NewUuid()), IsOk());
  v1::ListJobsRequest request;
  request.add_states(v1::Job::STATE_CANCELLED);
  const auto page = List(request);
  ASSERT_THAT(page->jobs(), SizeIs(1));
  EXPECT_EQ(page->jobs(0).name(), cancelled);
}

TEST_F(JobServiceTest, BadPagesAreRefused) {
  v1::ListJobsRequest request;
  request.set_page_size(-1);
  EXPECT_THAT(List(request), StatusIs(absl::StatusCode::kInvalidArgument));
  request.set_page_size(1000000);
  EXPECT_THAT(List(request), IsOk());
  request.set_page_token("zz");
  EXPECT_THAT(List(request), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(JobServiceTest, CancellingAQueuedJobEndsItAtOnce) {
  const std::string name = SubmitSmall();
  const auto job = Cancel(name, NewUuid());
  ASSERT_THAT(job, IsOk());
  EXPECT_EQ(job->state(), v1::Job::STATE_CANCELLED);
  EXPECT_EQ(job->sweeps(0).state(), v1::Sweep::STATE_CANCELLED);
  EXPECT_TRUE(job->has_end_time());
  EXPECT_THAT(Cancel(name, NewUuid()), IsOk());
}

TEST_F(JobServiceTest, EndedJobCannotBeCancelled) {
  const std::string name = SubmitSmall();
  ASSERT_THAT(Finish(Lease("w"), v1::FinishAttemptRequest::OUTCOME_SUCCEEDED), IsOk());
  EXPECT_THAT(Cancel(name, NewUuid()), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(JobServiceTest, RestartKeepsEverything) {
  const v1::SubmitJobRequest request = SmallRequest();
  const auto job = Submit(request);
  Restart();
  EXPECT_EQ(Get(job->name())->spec().candidates(0).model(), "longformer");
  EXPECT_EQ(Submit(request)->name(), job->name());
}

TEST_F(JobServiceTest, WaitingJobSaysWhy) {
  const std::string name = SubmitSmall("cuda");
  EXPECT_THAT(Get(name)->waiting_reason(), HasSubstr("start cusp-worker"));
  ASSERT_THAT(Register("w"), IsOk());
  EXPECT_THAT(Get(name)->waiting_reason(), HasSubstr("none of the 1 connected workers"));
}

}  // namespace
}  // namespace cusp::server
