#include "server/api/submission.h"

#include <algorithm>
#include <string>

#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

v1::SubmitJobRequest Request() {
  v1::SubmitJobRequest request;
  request.set_request_id(NewUuid());
  *request.mutable_spec() = SmallSpec();
  return request;
}

TEST(SubmissionTest, DefaultsAreStoredWithTheSpec) {
  const auto job = CheckSubmission(Request(), "u");
  ASSERT_THAT(job, IsOk());
  EXPECT_THAT(job->baselines, ElementsAre("bert"));
  EXPECT_THAT(job->candidates, ElementsAre("longformer"));
  EXPECT_EQ(job->device, "auto");
  v1::JobSpec spec;
  ASSERT_TRUE(spec.ParseFromString(job->spec));
  EXPECT_GT(spec.budget().seconds(), 0);
}

TEST(SubmissionTest, OneSweepForEachModeAndNumberTypeInTheirOrder) {
  v1::SubmitJobRequest request = Request();
  request.mutable_spec()->add_modes(v1::MODE_TRAINING);
  request.mutable_spec()->add_modes(v1::MODE_INFERENCE);
  request.mutable_spec()->add_dtypes(v1::DTYPE_FLOAT32);
  request.mutable_spec()->add_dtypes(v1::DTYPE_BFLOAT16);
  const auto job = CheckSubmission(request, "u");
  ASSERT_THAT(job, IsOk());
  EXPECT_THAT(job->sweeps, ElementsAre(Pair(v1::MODE_TRAINING, v1::DTYPE_FLOAT32),
                                       Pair(v1::MODE_TRAINING, v1::DTYPE_BFLOAT16),
                                       Pair(v1::MODE_INFERENCE, v1::DTYPE_FLOAT32),
                                       Pair(v1::MODE_INFERENCE, v1::DTYPE_BFLOAT16)));
}

TEST(SubmissionTest, EachSubmissionGetsANewIdAndItsOwner) {
  const v1::SubmitJobRequest request = Request();
  const auto first = CheckSubmission(request, "ann");
  const auto second = CheckSubmission(request, "ann");
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->owner, "ann");
  EXPECT_NE(first->public_id, second->public_id);
}

TEST(SubmissionTest, EveryFaultIsNamedWithItsPlace) {
  v1::SubmitJobRequest request = Request();
  request.mutable_spec()->mutable_baselines(0)->set_model("brt");
  request.mutable_spec()->mutable_candidates(0)->set_model("longfromer");
  EXPECT_THAT(CheckSubmission(request, "u"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("baselines[0]"), HasSubstr("\ncandidates[0]"))));
}

TEST(SubmissionTest, NoMoreThanTenFaultsAreShown) {
  v1::SubmitJobRequest request = Request();
  for (int i = 0; i < 30; ++i) {
    request.mutable_spec()->add_candidates()->set_model("m" + std::to_string(i));
  }
  const auto job = CheckSubmission(request, "u");
  ASSERT_THAT(job, StatusIs(absl::StatusCode::kInvalidArgument));
  const std::string message(job.status().message());
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 9);
}

TEST(SubmissionTest, RequestIdIsNeeded) {
  v1::SubmitJobRequest request = Request();
  request.clear_request_id();
  EXPECT_THAT(CheckSubmission(request, "u"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("UUID")));
}

TEST(SubmissionTest, WaitsAreTakenOver) {
  v1::SubmitJobRequest request = Request();
  EXPECT_FALSE(CheckSubmission(request, "u")->deadline_us.has_value());
  request.set_hold(true);
  request.add_after_ok("jobs/abc");
  request.mutable_deadline()->set_seconds(7);
  const auto job = CheckSubmission(request, "u");
  ASSERT_THAT(job, IsOk());
  EXPECT_TRUE(job->hold);
  EXPECT_THAT(job->after_ok, ElementsAre("abc"));
  EXPECT_EQ(job->deadline_us, 7'000'000);
  request.add_after_ok("abc");
  EXPECT_THAT(CheckSubmission(request, "u"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("after_ok")));
}

TEST(SubmissionTest, NoMoreThanSixtyFourJobsAreFollowed) {
  v1::SubmitJobRequest request = Request();
  for (int i = 0; i < 64; ++i) {
    request.add_after_ok("jobs/a" + std::to_string(i));
  }
  EXPECT_THAT(CheckSubmission(request, "u"), IsOk());
  request.add_after_ok("jobs/b");
  EXPECT_THAT(CheckSubmission(request, "u"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("64")));
}

TEST(SubmissionTest, LimitsHold) {
  v1::SubmitJobRequest request = Request();
  request.set_priority(101);
  EXPECT_THAT(CheckSubmission(request, "u"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("priority")));
  request.set_priority(-100);
  EXPECT_THAT(CheckSubmission(request, "u"), IsOk());
  request = Request();
  request.mutable_spec()->mutable_candidates(0)->set_config_json(std::string(300000, ' '));
  EXPECT_THAT(CheckSubmission(request, "u"), StatusIs(absl::StatusCode::kResourceExhausted));
  request = Request();
  for (int i = 0; i < 100; ++i) {
    v1::VariantSpec* variant = request.mutable_spec()->add_candidates();
    variant->set_model("bert");
    variant->set_name("v" + std::to_string(i));
  }
  EXPECT_THAT(CheckSubmission(request, "u"), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace cusp::server
