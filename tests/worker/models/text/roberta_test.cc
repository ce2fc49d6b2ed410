#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

TEST(RobertaTest, PositionsCountFromThePaddingTokenOn) {
  nlohmann::json config = TinyConfig("roberta");
  config["pad_token_id"] = 3;
  const auto roberta = MustBuild(config);
  const auto bert = MustBuild(TinyConfig("bert"));
  std::map<std::string, at::Tensor> from;
  for (const auto& [name, tensor] : roberta->NamedTensors()) {
    from[name] = tensor;
  }
  for (auto [name, tensor] : bert->NamedTensors()) {
    if (name == "embeddings.position_embeddings.weight") {
      tensor.narrow(0, 0, kTinyLength).copy_(from.at(name).narrow(0, 4, kTinyLength));
    } else {
      tensor.copy_(from.at(name));
    }
  }
  Inputs inputs = TinyInputs("roberta", kTinyLength, 1);
  inputs["input_ids"].masked_fill_(inputs["input_ids"].eq(3), 4);
  EXPECT_LT(ScaledDifference(Infer(*roberta, inputs), Infer(*bert, inputs)), 1e-6);
}

TEST(RobertaTest, PositionsOfTheConfigurationIncludeThoseBeforeTheFirst) {
  nlohmann::json config = TinyConfig("roberta");
  config["pad_token_id"] = 3;
  const auto model = MustBuild(config);
  EXPECT_TRUE(model->RandomInputs(60, 1, 1).ok());
  EXPECT_FALSE(model->RandomInputs(61, 1, 1).ok());
}

}  // namespace
}  // namespace cusp::models
