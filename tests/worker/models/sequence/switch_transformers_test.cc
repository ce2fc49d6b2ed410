#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/formula_check.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/model.h"

namespace cusp::models {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Layers of the encoder that have a router.
std::vector<std::string> SparseLayers(const nlohmann::json& config) {
  const auto model = MustBuild(config);
  std::vector<std::string> layers;
  for (const auto& [name, tensor] : model->NamedTensors()) {
    const size_t end = name.find(".layer.1.mlp.router.classifier.weight");
    if (name.starts_with("encoder.block.") && end != std::string::npos) {
      layers.push_back(name.substr(14, end - 14));
    }
  }
  return layers;
}

TEST(SwitchTransformersTest, EveryStepThLayerHasExperts) {
  nlohmann::json config = TinyConfig("switch_transformers");
  config["num_layers"] = 6;
  config["num_sparse_encoder_layers"] = 3;
  EXPECT_THAT(SparseLayers(config), ElementsAre("1", "3", "5"));
  config["num_sparse_encoder_layers"] = 2;
  EXPECT_THAT(SparseLayers(config), ElementsAre("1", "4"));
  config["encoder_sparse_step"] = 1;  // which says it outright
  EXPECT_THAT(SparseLayers(config), ElementsAre("0", "1", "2", "3", "4", "5"));
  config["encoder_sparse_step"] = 0;
  EXPECT_THAT(SparseLayers(config), IsEmpty());
}

// As in transformers, where a step as long as the stack was to leave it dense.
TEST(SwitchTransformersTest, NoSparseLayersStillLeaveOne) {
  nlohmann::json config = TinyConfig("switch_transformers");
  config["num_sparse_encoder_layers"] = 0;
  EXPECT_THAT(SparseLayers(config), ElementsAre("1"));
}

TEST(SwitchTransformersTest, DenseStackIsT5) {
  nlohmann::json config = TinyConfig("switch_transformers");
  config["encoder_sparse_step"] = 0;
  config["decoder_sparse_step"] = 0;
  nlohmann::json plain = TinyConfig("t5");
  plain["feed_forward_proj"] = "relu";
  const Inputs inputs = TinyInputs("t5", kTinyLength, 1);
  EXPECT_TRUE(Infer(*MustBuild(config), inputs).equal(Infer(*MustBuild(plain), inputs)));
}

TEST(SwitchTransformersTest, CapacityLimitsNothing) {
  nlohmann::json config = TinyConfig("switch_transformers");
  const Inputs inputs = TinyInputs("switch_transformers", kTinyLength, 1);
  const at::Tensor before = Infer(*MustBuild(config), inputs);
  config["expert_capacity"] = 1;
  EXPECT_TRUE(Infer(*MustBuild(config), inputs).equal(before));
  config["expert_capacity"] = 0;
  EXPECT_THAT(BuildModel(config.dump(), {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("expert_capacity")));
}

TEST(SwitchTransformersTest, CostsHoldForAnyShape) {
  nlohmann::json config = TinyConfig("switch_transformers");
  config["num_layers"] = 3;
  config["num_decoder_layers"] = 1;
  config["num_experts"] = 2;
  config["router_bias"] = false;
  config["encoder_sparse_step"] = 1;
  ExpectCostsAsCounted(config);
  ExpectParametersAsBuilt(config);
  config["is_encoder_decoder"] = false;
  ExpectParametersAsBuilt(config);
}

}  // namespace
}  // namespace cusp::models
