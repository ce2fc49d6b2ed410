#include "worker/runner/torch_handler.h"

#include <gtest/gtest.h>

#include "common/clock.h"
#include "tests/support/status_matchers.h"

namespace cusp::runner {
namespace {

v1::Step Step(int32_t variant, int64_t length) {
  v1::Step step;
  step.set_variant(variant);
  step.set_length(length);
  step.set_batch_size(1);
  step.set_calls(2);
  return step;
}

class TorchHandlerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    v1::StartRequest start;
    start.set_device("cpu");
    start.set_threads(1);
    ASSERT_THAT(handler_.Start(start), IsOk());
    v1::BuildRequest build;
    build.set_variant(1);
    build.set_config_json(R"({"model_type": "cusp_noop"})");
    build.set_dtype("float32");
    build.set_mode("inference");
    ASSERT_THAT(handler_.Build(build), IsOk());
  }

  SystemClock clock_;
  TorchHandler handler_{clock_};
};

TEST_F(TorchHandlerTest, FailedStepLeavesTheOthersAlone) {
  v1::RunRequest run;
  *run.add_steps() = Step(1, 64);
  *run.add_steps() = Step(2, 64);
  *run.add_steps() = Step(1, 0);
  *run.add_steps() = Step(1, 64);
  const auto response = handler_.Run(run);
  ASSERT_THAT(response, IsOk());
  ASSERT_EQ(response->results_size(), 4);
  EXPECT_FALSE(response->results(0).has_failure());
  EXPECT_GE(response->results(0).duration_ns(), 0);
  EXPECT_EQ(response->results(1).failure().reason(), v1::Failure::REASON_BAD_REQUEST);
  EXPECT_EQ(response->results(1).duration_ns(), 0);
  EXPECT_EQ(response->results(2).failure().reason(), v1::Failure::REASON_INVALID_CONFIG);
  EXPECT_FALSE(response->results(3).has_failure());
}

TEST_F(TorchHandlerTest, CeilingIsMeasuredWithTheThreadsAskedFor) {
  v1::MeasureCeilingRequest request;
  request.add_dtypes("float32");
  request.set_threads(2);
  const auto two = handler_.MeasureCeiling(request);
  ASSERT_THAT(two, IsOk());
  EXPECT_EQ(two->threads(), 2);
  EXPECT_GT(two->products(0).flops_per_second(), 0);
  request.set_threads(0);
  const auto as_started = handler_.MeasureCeiling(request);
  ASSERT_THAT(as_started, IsOk());
  EXPECT_EQ(as_started->threads(), 1);
}

TEST_F(TorchHandlerTest, PartsThatCannotBeTimedAreATypedFailure) {
  const auto reason_of = [&](const v1::Step& step) {
    v1::ComponentsRequest request;
    *request.mutable_step() = step;
    const auto response = handler_.Components(request);
    EXPECT_THAT(response, IsOk());
    EXPECT_NE(response->parts_size() > 0, response->has_failure());
    return response->failure().reason();
  };
  EXPECT_EQ(reason_of(Step(2, 64)), v1::Failure::REASON_BAD_REQUEST);
  EXPECT_EQ(reason_of(Step(1, 0)), v1::Failure::REASON_INVALID_CONFIG);
  EXPECT_EQ(reason_of(Step(1, 64)), v1::Failure::REASON_UNSPECIFIED);
}

TEST_F(TorchHandlerTest, UnknownVariantCannotBeDropped) {
  v1::DropRequest drop;
  drop.set_variant(7);
  EXPECT_THAT(handler_.Drop(drop), StatusIs(absl::StatusCode::kFailedPrecondition));
  drop.set_variant(1);
  EXPECT_THAT(handler_.Drop(drop), IsOk());
}

TEST_F(TorchHandlerTest, MemoryIsToldBesideItsBaseline) {
  const auto memory = handler_.Memory();
  ASSERT_THAT(memory, IsOk());
  EXPECT_GT(memory->host_baseline_bytes(), 0);
  EXPECT_GE(memory->peak_bytes(), 0);
}

}  // namespace
}  // namespace cusp::runner
