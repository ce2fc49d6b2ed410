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

  // Syncs with an estimate for `candidate`.
  void ReportEstimate(const std::string& worker, const std::string& attempt,
                      const std::string& candidate) {
    grpc::ClientContext context;
    v1::SyncWorkerRequest request;
    request.set_worker("workers/" + worker);
    request.mutable_current_state()->set_attempt(attempt);
    v1::SweepProgress* progress = request.mutable_current_state()->mutable_progress();
    progress->add_estimates()->mutable_comparison()->set_candidate(candidate);
    v1::SyncWorkerResponse response;
    EXPECT_TRUE(workers_->SyncWorker(&context, request, &response).ok());
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
  EXPECT_EQ(result->provenances(0).id().size(), 8U);
  const v1::SweepConditions& conditions = result->provenances(0).conditions();
  EXPECT_EQ(conditions.start_time().seconds(), 1'700'000'000);
  ASSERT_THAT(conditions.variants(), SizeIs(1));
  EXPECT_EQ(conditions.variants(0).config_sha256(), "abcd");
  EXPECT_EQ(Get(job)->sweeps(0).provenance().conditions().SerializeAsString(),
            conditions.SerializeAsString());
}

TEST_F(ResultServiceTest, RunningSweepGivesItsNewestEstimates) {
  const std::string job = SubmitSmall();
  const std::string attempt = Lease("w");
  ReportEstimate("w", attempt, "old");
  ReportEstimate("w", attempt, "longformer");
  const auto result = Result(job);
  ASSERT_THAT(result->comparisons(), SizeIs(1));
  EXPECT_EQ(result->comparisons(0).candidate(), "longformer");
  EXPECT_EQ(result->state(), v1::Job::STATE_RUNNING);
  EXPECT_FALSE(result->complete());
}

TEST_F(ResultServiceTest, FinishedAndRunningSweepsOfOneJobComeTogether) {
  v1::SubmitJobRequest request;
  request.set_request_id(NewUuid());
  *request.mutable_spec() = SmallSpec();
  request.mutable_spec()->add_dtypes(v1::DTYPE_FLOAT32);
  request.mutable_spec()->add_dtypes(v1::DTYPE_BFLOAT16);
  const auto job = Submit(request);
  ASSERT_THAT(job, IsOk());
  ASSERT_THAT(Finish(Lease("a"), v1::FinishAttemptRequest::OUTCOME_SUCCEEDED), IsOk());
  ReportEstimate("b", Lease("b"), "estimated");
  const auto result = Result(job->name());
  ASSERT_THAT(result->comparisons(), SizeIs(2));
  EXPECT_EQ(result->comparisons(0).candidate(), "longformer");
  EXPECT_EQ(result->comparisons(1).candidate(), "estimated");
  EXPECT_THAT(result->costs(), SizeIs(1));
  EXPECT_FALSE(result->complete());
}

TEST_F(ResultServiceTest, EstimatesEndWithTheirAttempt) {
  const std::string job = SubmitSmall();
  const std::string attempt = Lease("w");
  ReportEstimate("w", attempt, "longformer");
  ASSERT_THAT(Finish(attempt, v1::FinishAttemptRequest::OUTCOME_RELEASED), IsOk());
  EXPECT_THAT(Result(job)->comparisons(), SizeIs(0));
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

TEST_F(ResultServiceTest, PageTokenOfAnOlderGenerationIsRefused) {
  const std::string sweep = SubmitSmall() + "/sweeps/1";
  const std::string attempt = Lease("w");
  for (int64_t i = 1; i <= 3; ++i) {
    ASSERT_THAT(SendBlock(attempt, i), IsOk());
  }
  const std::string token = Blocks(sweep, 2)->next_page_token();
  ASSERT_FALSE(token.empty());
  auto db = Database::Open(dir_.Join("data/cusp.db"), Database::Mode::kReadWrite);
  ASSERT_THAT(db, IsOk());
  ASSERT_THAT((*db)->Execute("UPDATE sweeps SET generation = 2"), IsOk());
  EXPECT_THAT(Blocks(sweep, 2, token),
              StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr("generation 1")));
  EXPECT_THAT(Blocks(sweep, 2), IsOk());
}

TEST_F(ResultServiceTest, PageThatEndsWithTheLastBlockHasNoNext) {
  const std::string sweep = SubmitSmall() + "/sweeps/1";
  const std::string attempt = Lease("w");
  EXPECT_THAT(Blocks(sweep)->blocks(), SizeIs(0));
  for (int64_t i = 1; i <= 3; ++i) {
    ASSERT_THAT(SendBlock(attempt, i), IsOk());
  }
  const auto page = Blocks(sweep, 3);
  EXPECT_THAT(page->blocks(), SizeIs(3));
  EXPECT_EQ(page->next_page_token(), "");
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
