#include "worker/runner/stepper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <numeric>

#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"
#include "tests/worker/runner/counting_timer.h"

namespace cusp::runner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kNoop[] = R"({"model_type": "cusp_noop"})";

class StepperTest : public ::testing::Test {
 protected:
  static v1::BuildRequest Request(const std::string& mode = "inference") {
    v1::BuildRequest request;
    request.set_variant(1);
    request.set_config_json(kNoop);
    request.set_attention("eager");
    request.set_dtype("float32");
    request.set_mode(mode);
    return request;
  }

  static v1::Step Step(int32_t variant, int64_t length, int calls) {
    v1::Step step;
    step.set_variant(variant);
    step.set_length(length);
    step.set_batch_size(1);
    step.set_calls(calls);
    return step;
  }

  void ExpectRefused(const v1::BuildRequest& request, const std::string& text) {
    const auto response = stepper_.Build(request);
    EXPECT_THAT(std::string(response.status().message()), HasSubstr(text));
  }

  FakeClock clock_;
  CountingTimer timer_;
  Stepper stepper_{c10::Device(c10::kCPU), timer_, clock_};
};

TEST_F(StepperTest, InferenceTimesAllCallsTogether) {
  EXPECT_EQ(stepper_.Build(Request())->parameters(), 1);
  const auto result = stepper_.Run(Step(1, 64, 5));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->duration_ns(), 10);
  EXPECT_EQ(timer_.marks(), timer_.announced());
  EXPECT_THAT(result->part_ns(), IsEmpty());
}

TEST_F(StepperTest, TrainingPartsAddUpToTheWhole) {
  ASSERT_TRUE(stepper_.Build(Request("training")).ok());
  const auto result = stepper_.Run(Step(1, 64, 5));
  ASSERT_TRUE(result.ok());
  EXPECT_THAT(result->part_ns(), ElementsAre(50, 50, 50));
  EXPECT_EQ(result->duration_ns(), 150);
  EXPECT_EQ(timer_.marks(), timer_.announced());
}

TEST_F(StepperTest, ComponentsComeBesideTheWhole) {
  ASSERT_TRUE(stepper_.Build(Request("training")).ok());
  const auto response = stepper_.Components(Step(1, 64, 4));
  ASSERT_TRUE(response.ok());
  // Pairs are whole, apart; apart, whole: the middle ones touch.
  EXPECT_EQ(response->whole_ns(), 30);
  ASSERT_EQ(response->parts_size(), 4);
  EXPECT_EQ(response->parts(0).name(), "other");
  EXPECT_EQ(response->parts(3).name(), "optimizer");
  EXPECT_EQ(response->parts(3).duration_ns(), 40);
}

TEST_F(StepperTest, DecodingTimesStepsAndFirstTokensApart) {
  v1::BuildRequest request = Request("decode");
  request.set_config_json(R"({"model_type": "bert", "is_decoder": true, "vocab_size": 50,
    "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16,
    "max_position_embeddings": 81})");
  ASSERT_TRUE(stepper_.Build(request).ok());
  v1::Step step = Step(1, 64, 40);
  step.set_reach(16);
  // 33 steps lie around 64, so 40 take two runs.
  EXPECT_EQ(stepper_.Run(step)->duration_ns(), 20);
  step.set_first_token(true);
  EXPECT_EQ(stepper_.Run(step)->duration_ns(), 10);
  step.set_reach(64);
  EXPECT_EQ(stepper_.Run(step).status().code(), absl::StatusCode::kInvalidArgument);
  step.set_reach(17);
  EXPECT_EQ(stepper_.Run(step).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(StepperTest, ModelThatDoesNotDecodeIsInvalid) {
  ASSERT_TRUE(stepper_.Build(Request("decode")).ok());
  EXPECT_EQ(stepper_.Run(Step(1, 64, 1)).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(StepperTest, StepsOutOfOrderAreRefused) {
  EXPECT_EQ(stepper_.Run(Step(1, 64, 1)).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(stepper_.Components(Step(1, 64, 1)).status().code(),
            absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(stepper_.Build(Request()).ok());
  EXPECT_EQ(stepper_.Build(Request()).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(stepper_.Run(Step(1, 64, 0)).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(StepperTest, ImpossibleLengthIsInvalid) {
  ASSERT_TRUE(stepper_.Build(Request()).ok());
  EXPECT_EQ(stepper_.Run(Step(1, 0, 1)).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(StepperTest, DroppedVariantIsGoneAndItsNumberFree) {
  ASSERT_TRUE(stepper_.Build(Request()).ok());
  EXPECT_TRUE(stepper_.Drop(1).ok());
  EXPECT_EQ(stepper_.Drop(1).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(stepper_.Build(Request("training")).ok());
}

TEST_F(StepperTest, WrongSettingsAreNamed) {
  ExpectRefused(Request("sleeping"), "mode: 'sleeping'");
  v1::BuildRequest request = Request();
  request.set_dtype("int4");
  ExpectRefused(request, "dtype: 'int4'");
}

TEST_F(StepperTest, ChangedWeightsFileIsRefused) {
  const TempDir dir;
  const std::string path = dir.path() + "/model.safetensors";
  std::ofstream(path) << "other bytes";
  v1::BuildRequest request = Request();
  request.set_weights_path(path);
  request.set_weights_sha256("00ff");
  const auto response = stepper_.Build(request);
  EXPECT_EQ(response.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(response.status().message()), HasSubstr("model.safetensors"));
}

}  // namespace
}  // namespace cusp::runner
