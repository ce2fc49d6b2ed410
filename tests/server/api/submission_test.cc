#include "server/api/submission.h"

#include "tests/server/api/service_fixture.h"

namespace cusp::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

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

TEST(SubmissionTest, LimitsHold) {
  v1::SubmitJobRequest request = Request();
  request.set_priority(101);
  EXPECT_THAT(CheckSubmission(request, "u"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("priority")));
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
