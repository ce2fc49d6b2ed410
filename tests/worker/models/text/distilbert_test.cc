#include "catalog/text/distilbert.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

TEST(DistilbertTest, TensorsHaveTheNamesOfItsCheckpoints) {
  std::set<std::string> names;
  for (const auto& [name, tensor] : MustBuild(TinyConfig("distilbert"))->NamedTensors()) {
    names.insert(name);
  }
  EXPECT_EQ(names.size(), 4 + 2 * 16U);
  for (const char* name :
       {"embeddings.position_embeddings.weight", "transformer.layer.1.attention.q_lin.weight",
        "transformer.layer.0.attention.out_lin.bias", "transformer.layer.0.sa_layer_norm.weight",
        "transformer.layer.1.ffn.lin2.weight", "transformer.layer.1.output_layer_norm.bias"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
}

TEST(DistilbertTest, TakesNoTokenTypes) {
  const auto model = MustBuild(TinyConfig("distilbert"));
  Inputs inputs = TinyInputs("distilbert", kTinyLength, 1);
  EXPECT_TRUE(model->CheckInputs(inputs).ok());
  inputs["token_type_ids"] = inputs.at("attention_mask");
  EXPECT_FALSE(model->CheckInputs(inputs).ok());
}

}  // namespace
}  // namespace cusp::models
