#include "server/api/result_service.h"

#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

using ::testing::SizeIs;

class ResultServiceTest : public ServiceTest {
 protected:
  absl::StatusOr<v1::JobResult> Result(const std::string& job) {
    grpc::ClientContext context;
    v1::GetJobResultRequest request;
    request.set_job(job);
    v1::GetJobResultResponse response;
    const grpc::Status status = results_->GetJobResult(&context, request, &response);
    if (!status.ok()) {
      return FromGrpc(status);
    }
    return response.result();
  }
};

TEST_F(ResultServiceTest, FinishedSweepGivesItsResultWhole) {
  const std::string job = SubmitSmall();
  const std::string attempt = Lease("w");
  ASSERT_THAT(SendBlock(attempt, 1), IsOk());
  ASSERT_THAT(Finish(attempt, v1::FinishAttemptRequest::OUTCOME_SUCCEEDED), IsOk());
  Restart();
  const auto result = Result(job);
  ASSERT_THAT(result, IsOk());
  EXPECT_TRUE(result->complete());
  EXPECT_EQ(result->state(), v1::Job::STATE_SUCCEEDED);
  const v1::SweepResult expected = SomeResult();
  ASSERT_THAT(result->comparisons(), SizeIs(1));
  EXPECT_EQ(result->comparisons(0).SerializeAsString(),
            expected.comparisons(0).SerializeAsString());
  ASSERT_THAT(result->costs(), SizeIs(1));
  EXPECT_EQ(result->costs(0).SerializeAsString(), expected.costs(0).SerializeAsString());
  ASSERT_THAT(result->provenances(), SizeIs(1));
  EXPECT_EQ(result->provenances(0).device_class(), "Fake CPU");
}

TEST_F(ResultServiceTest, RunningSweepGivesItsNewestEstimates) {
  const std::string job = SubmitSmall();
  const std::string attempt = Lease("w");
  grpc::ClientContext context;
  v1::SyncWorkerRequest request;
  request.set_worker("workers/w");
  request.mutable_current_state()->set_attempt(attempt);
  v1::SweepProgress* progress = request.mutable_current_state()->mutable_progress();
  progress->set_blocks_done(7);
  progress->add_estimates()->mutable_comparison()->set_candidate("longformer");
  v1::SyncWorkerResponse response;
  ASSERT_TRUE(workers_->SyncWorker(&context, request, &response).ok());
  EXPECT_EQ(Get(job)->sweeps(0).progress().blocks_done(), 7);
  const auto result = Result(job);
  ASSERT_THAT(result->comparisons(), SizeIs(1));
  EXPECT_EQ(result->comparisons(0).candidate(), "longformer");
  EXPECT_FALSE(result->complete());
}

TEST_F(ResultServiceTest, BlocksComeInPages) {
  const std::string sweep = SubmitSmall() + "/sweeps/1";
  const std::string attempt = Lease("w");
  for (int64_t i = 1; i <= 5; ++i) {
    ASSERT_THAT(SendBlock(attempt, i), IsOk());
  }
  const auto first = Blocks(sweep, 3);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(first->blocks(), SizeIs(3));
  EXPECT_EQ(first->blocks(0).SerializeAsString(), SomeBlock(1).SerializeAsString());
  const auto second = Blocks(sweep, 3, first->next_page_token());
  EXPECT_THAT(second->blocks(), SizeIs(2));
  EXPECT_EQ(second->next_page_token(), "");
}

TEST_F(ResultServiceTest, BadRequestsAreRefused) {
  const std::string job = SubmitSmall();
  EXPECT_THAT(Result("jobs/none"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Blocks(job + "/sweeps/2"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Blocks(job), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Blocks(job + "/sweeps/1", -1), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Blocks(job + "/sweeps/1", 0, "x"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace cusp::server
