#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

// BERT's weights in a Longformer; its position table begins 2 rows later.
void CopyFromBert(Model& bert, Model& longformer) {
  std::map<std::string, at::Tensor> from;
  for (const auto& [name, tensor] : bert.NamedTensors()) {
    from[name] = tensor;
  }
  for (auto [name, tensor] : longformer.NamedTensors()) {
    if (name == "embeddings.position_embeddings.weight") {
      tensor.narrow(0, 2, 62).copy_(from.at(name).narrow(0, 0, 62));
    } else if (from.contains(name)) {
      tensor.copy_(from.at(name));
    }
  }
}

TEST(LongformerTest, WindowOfTwiceTheLengthIsFullAttention) {
  const auto bert = MustBuild(TinyConfig("bert"));
  for (const int64_t length : {1, 5, 17, 32}) {
    nlohmann::json config = TinyConfig("longformer");
    config["attention_window"] = 64;
    const auto longformer = MustBuild(config);
    CopyFromBert(*bert, *longformer);
    Inputs inputs = TinyInputs("bert", length, 1);
    EXPECT_LT(ScaledDifference(Infer(*longformer, inputs), Infer(*bert, inputs),
                               inputs.at("attention_mask")),
              1e-5)
        << length;
  }
}

TEST(LongformerTest, AmountOfPaddingChangesNothing) {
  nlohmann::json config = TinyConfig("longformer");
  config["attention_window"] = 4;
  config["num_hidden_layers"] = 1;
  const auto alone = MustBuild(config);
  const Inputs inputs = TinyInputs("longformer", 13, 1);
  Inputs padded = inputs;
  for (auto& [name, tensor] : padded) {
    const int64_t filler = name == "input_ids" ? 1 : 0;
    tensor = at::Tensor(tensor.new_full({2, 23}, filler));
    tensor.narrow(1, 0, 13).copy_(inputs.at(name));
  }
  EXPECT_LT(ScaledDifference(Infer(*alone, padded).narrow(1, 0, 13), Infer(*alone, inputs),
                             inputs.at("attention_mask")),
            1e-5);
}

TEST(LongformerTest, WindowLimitsHowFarATokenReaches) {
  nlohmann::json config = TinyConfig("longformer");
  config["attention_window"] = 4;
  config["num_hidden_layers"] = 1;
  const auto model = MustBuild(config);
  Inputs inputs = TinyInputs("longformer", 21, 1);
  inputs.erase("attention_mask");
  inputs.erase("global_attention_mask");
  const at::Tensor before = Infer(*model, inputs);
  inputs["input_ids"] = inputs.at("input_ids").clone();
  inputs["input_ids"].select(1, 10).add_(1).remainder_(35).add_(2);
  const at::Tensor changed = Infer(*model, inputs).sub(before).abs().amax(-1).amax(0);
  for (int64_t i = 0; i < 21; ++i) {
    const bool near = i >= 8 && i <= 12;
    EXPECT_EQ(changed.select(0, i).item<double>() > 0, near) << i;
  }
}

TEST(LongformerTest, GlobalTokenReachesAll) {
  nlohmann::json config = TinyConfig("longformer");
  config["attention_window"] = 4;
  config["num_hidden_layers"] = 1;
  const auto model = MustBuild(config);
  Inputs inputs = TinyInputs("longformer", 24, 1);
  inputs.erase("attention_mask");
  const at::Tensor before = Infer(*model, inputs);
  inputs["input_ids"] = inputs.at("input_ids").clone();
  inputs["input_ids"].select(0, 0).select(0, 0).add_(1).remainder_(35).add_(2);
  const at::Tensor changed = Infer(*model, inputs).sub(before).abs().amax(-1);
  EXPECT_TRUE(changed.select(0, 0).gt(0).all().item<bool>());
  EXPECT_TRUE(changed.select(0, 1).eq(0).all().item<bool>());
}

}  // namespace
}  // namespace cusp::models
