#include "worker/models/text/encoder_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

TEST(EncoderModelTest, TensorsHaveReferenceNamesAndInitialValues) {
  const auto model = MustBuild(TinyConfig("bert"));
  std::map<std::string, at::Tensor> tensors;
  for (const auto& [name, tensor] : model->NamedTensors()) {
    tensors[name] = tensor;
  }
  EXPECT_EQ(tensors.size(), 5 + 2 * 16U);
  EXPECT_EQ(tensors.at("encoder.layer.1.intermediate.dense.weight").sizes(),
            at::IntArrayRef({20, 16}));
  EXPECT_EQ(tensors.at("encoder.layer.0.attention.self.query.bias").abs().max().item<float>(), 0);
  EXPECT_TRUE(tensors.at("encoder.layer.0.output.LayerNorm.weight").eq(1).all().item<bool>());
  EXPECT_NEAR(tensors.at("embeddings.word_embeddings.weight").std(false).item<double>(), 0.25,
              0.03);
}

TEST(EncoderModelTest, MaskedTokensDoNotReachOthers) {
  for (const char* type : {"bert", "big_bird", "linformer", "linear_transformer", "local",
                           "longformer", "lrt", "memsizer", "sinkhorn", "synthesizer"}) {
    const auto model = MustBuild(TinyConfig(type));
    Inputs inputs = TinyInputs(type, kTinyLength, 1);
    const at::Tensor before = Infer(*model, inputs);
    const at::Tensor mask = inputs.at("attention_mask");
    inputs["input_ids"] = inputs.at("input_ids").masked_fill(mask.eq(0), 9);
    EXPECT_LT(ScaledDifference(Infer(*model, inputs), before, mask), 1e-6) << type;
  }
}

TEST(EncoderModelTest, DropoutActsInTrainingOnly) {
  nlohmann::json config = TinyConfig("bert");
  config["hidden_dropout_prob"] = 0.2;
  config["attention_probs_dropout_prob"] = 0.2;
  const Inputs inputs = TinyInputs("bert", kTinyLength, 1);
  const auto inference = MustBuild(config);
  const auto training = MustBuild(config, {.training = true});
  EXPECT_TRUE(Infer(*inference, inputs).equal(Infer(*inference, inputs)));
  EXPECT_FALSE(Infer(*training, inputs).equal(Infer(*training, inputs)));
}

TEST(EncoderModelTest, FusedAttentionOfAModelWithoutOneIsRefused) {
  for (const char* type : {"longformer", "nystromformer", "linformer"}) {
    EXPECT_THAT(BuildModel(TinyConfig(type).dump(), {.attention = "sdpa"}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("only eager")));
  }
}

}  // namespace
}  // namespace cusp::models
