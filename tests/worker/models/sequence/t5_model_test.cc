#include "worker/models/sequence/t5_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

TEST(T5ModelTest, WithoutTargetTheEncoderRunsAlone) {
  nlohmann::json config = TinyConfig("t5");
  Inputs inputs = TinyInputs("t5", kTinyLength, 1);
  inputs.erase("decoder_input_ids");
  const at::Tensor both = Infer(*MustBuild(config), inputs);
  config["is_encoder_decoder"] = false;
  const auto encoder = MustBuild(config);
  EXPECT_EQ(encoder->NewStateFor(inputs), nullptr);
  EXPECT_TRUE(Infer(*encoder, inputs).equal(both));
}

TEST(T5ModelTest, TargetMayHaveAnotherLength) {
  const auto model = MustBuild(TinyConfig("t5"));
  Inputs inputs = TinyInputs("t5", kTinyLength, 1);
  const at::Tensor whole = Infer(*model, inputs);
  inputs["decoder_input_ids"] = inputs["decoder_input_ids"].narrow(1, 0, 7);
  EXPECT_THAT(model->CheckInputs(inputs), IsOk());
  EXPECT_LT(ScaledDifference(Infer(*model, inputs), whole.narrow(1, 0, 7)), 1e-5);
}

TEST(T5ModelTest, MaskedSourceIsNotRead) {
  const auto model = MustBuild(TinyConfig("t5"));
  Inputs inputs = TinyInputs("t5", kTinyLength, 1);
  const at::Tensor before = Infer(*model, inputs);
  inputs["input_ids"] = inputs["input_ids"].clone();
  inputs["input_ids"].select(0, 1).narrow(0, kTinyLength - 3, 3).fill_(1);
  EXPECT_LT(ScaledDifference(Infer(*model, inputs), before), 1e-6);
}

TEST(T5ModelTest, EveryBackendComputesTheSame) {
  const Inputs inputs = TinyInputs("t5", kTinyLength, 1);
  const at::Tensor expected = Infer(*MustBuild(TinyConfig("t5")), inputs);
  for (const char* attention : {"sdpa", "math", "flash"}) {
    const auto model = MustBuild(TinyConfig("t5"), {.attention = attention});
    EXPECT_LT(ScaledDifference(Infer(*model, inputs), expected), 1e-5) << attention;
  }
}

TEST(T5ModelTest, FusedKernelsTrainTheBiasToo) {
  const Inputs inputs = TinyInputs("t5", kTinyLength, 1);
  std::vector<at::Tensor> gradients;
  for (const char* attention : {"eager", "sdpa"}) {
    const auto model = MustBuild(TinyConfig("t5"),
                                 {.attention = attention, .dtype = at::kDouble, .training = true});
    model->Forward(inputs).square().sum().mul(0.5).sin().backward();
    for (const auto& [name, tensor] : model->NamedTensors()) {
      if (name == "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight") {
        gradients.push_back(tensor.grad());
      }
    }
  }
  ASSERT_EQ(gradients.size(), 2U);
  EXPECT_LT(ScaledDifference(gradients[1], gradients[0]), 1e-9);
}

TEST(T5ModelTest, TargetsAreChecked) {
  const auto model = MustBuild(TinyConfig("t5"));
  Inputs inputs = TinyInputs("t5", kTinyLength, 1);
  inputs["decoder_attention_mask"] = inputs["attention_mask"].narrow(1, 0, 3);
  EXPECT_THAT(model->CheckInputs(inputs),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("decoder_attention_mask")));
  inputs.erase("decoder_attention_mask");
  inputs["decoder_input_ids"] = inputs["decoder_input_ids"].narrow(0, 0, 1);
  EXPECT_THAT(model->CheckInputs(inputs),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("batch of 1")));
  inputs.erase("decoder_input_ids");
  inputs["decoder_attention_mask"] = inputs["attention_mask"];
  EXPECT_THAT(model->CheckInputs(inputs),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("without decoder_input_ids")));
}

TEST(T5ModelTest, DecoderCanBeLeftOut) {
  const auto model = MustBuild(TinyConfig("t5"));
  Inputs inputs = TinyInputs("t5", kTinyLength, 1);
  EXPECT_EQ(model->OptionalPart(), "decoder");
  model->LeaveOutOptionalPart();
  for (const auto& [name, tensor] : model->NamedTensors()) {
    EXPECT_FALSE(name.starts_with("decoder.")) << name;
  }
  EXPECT_THAT(model->CheckInputs(inputs), StatusIs(absl::StatusCode::kInvalidArgument));
  inputs.erase("decoder_input_ids");
  EXPECT_THAT(model->CheckInputs(inputs), IsOk());
  EXPECT_EQ(Infer(*model, inputs).size(1), kTinyLength);
}

}  // namespace
}  // namespace cusp::models
