#include "worker/models/speech/hubert_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

TEST(HubertModelTest, TensorsHaveReferenceNames) {
  std::set<std::string> names;
  for (const auto& [name, tensor] : MustBuild(TinyConfig("hubert"))->NamedTensors()) {
    names.insert(name);
  }
  EXPECT_THAT(names, IsSupersetOf({"feature_extractor.conv_layers.0.layer_norm.weight",
                                   "encoder.pos_conv_embed.conv.parametrizations.weight.original0",
                                   "encoder.layers.1.attention.q_proj.bias",
                                   "encoder.layers.1.feed_forward.output_dense.weight",
                                   "encoder.layers.0.final_layer_norm.weight"}));
  EXPECT_EQ(names.size(), 7 + 2 + 4 + 3 + 2 + 2 * 16U);
}

TEST(HubertModelTest, MaskedFramesDoNotReachOthers) {
  for (const bool stable : {false, true}) {
    nlohmann::json config = TinyConfig("hubert");
    config["do_stable_layer_norm"] = stable;
    config["feat_extract_norm"] = "layer";
    const auto model = MustBuild(config);
    Inputs inputs = TinyInputs("hubert", 9000, 1);
    const at::Tensor before = Infer(*model, inputs);
    inputs["input_values"] =
        inputs.at("input_values").masked_fill(inputs.at("attention_mask").eq(0), 3);
    EXPECT_LT(ScaledDifference(Infer(*model, inputs), before, RealRows(inputs, before.size(1))),
              1e-5);
  }
}

TEST(HubertModelTest, DroppedLayersAreThoseOfTrainingAlone) {
  nlohmann::json config = TinyConfig("hubert");
  const Inputs inputs = TinyInputs("hubert", 2000, 1);
  const at::Tensor whole = Infer(*MustBuild(config), inputs);
  config["layerdrop"] = 0.5;
  EXPECT_TRUE(Infer(*MustBuild(config), inputs).equal(whole));
  const auto model = MustBuild(config, {.training = true});
  std::set<double> sums;
  int same = 0;
  for (int pass = 0; pass < 60; ++pass) {
    const at::Tensor output = Infer(*model, inputs);
    same += output.equal(whole) ? 1 : 0;
    sums.insert(output.abs().sum().item<double>());
  }
  // Of two layers none, either, or both; none in a quarter of all passes.
  EXPECT_EQ(sums.size(), 4U);
  EXPECT_GT(same, 3);
  EXPECT_LT(same, 30);
}

TEST(HubertModelTest, TooFewSamplesAreRefusedWithTheReason) {
  const auto model = MustBuild(TinyConfig("hubert"));
  const at::Tensor wave = RandomNormal({1, 1000}, 1);
  EXPECT_THAT(model->CheckInputs({{"input_values", wave.narrow(1, 0, 399)}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("first frame")));
  at::Tensor mask = ops::Full({1, 1000}, 1, at::kLong, at::kCPU);
  EXPECT_THAT(model->CheckInputs({{"input_values", wave}, {"attention_mask", mask}}), IsOk());
  mask.narrow(1, 399, 601).zero_();
  EXPECT_THAT(
      model->CheckInputs({{"input_values", wave}, {"attention_mask", mask}}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("attention_mask: its shortest row")));
  EXPECT_THAT(model->CheckInputs({{"input_values", wave}, {"attention_mask", mask.mul(2)}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("0 or 1")));
  EXPECT_THAT(
      model->CheckInputs({{"input_values", wave}, {"attention_mask", mask.narrow(1, 0, 7)}}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("differs from input_values")));
}

}  // namespace
}  // namespace cusp::models
