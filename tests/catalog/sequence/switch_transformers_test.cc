#include "catalog/sequence/switch_transformers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>

#include "catalog/catalog.h"
#include "catalog/config.h"

namespace cusp::catalog {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

ConfigOutcome Complete(std::string_view config, const char* preset = nullptr) {
  ConfigRequest request;
  request.model = FindModel("switch_transformers");
  request.preset = preset == nullptr ? nullptr : FindPreset(preset);
  request.base_json = config;
  request.longest_length = 64;
  return CompleteConfigOf(request);
}

nlohmann::json Completed(std::string_view config, const char* preset = nullptr) {
  return nlohmann::json::parse(Complete(config, preset).config.json);
}

TEST(SwitchTransformersTest, CountsParametersOfThePublishedSize) {
  EXPECT_DOUBLE_EQ(Complete(FindNamedConfig("switch-base-8")->config_json).config.parameters,
                   619'339'008.0);
}

TEST(SwitchTransformersTest, StepsFollowFromNumbersOfSparseLayers) {
  const nlohmann::json config =
      Completed(R"({"num_layers": 12, "num_sparse_encoder_layers": 5, "num_decoder_layers": 8,
                    "num_sparse_decoder_layers": 0})");
  EXPECT_EQ(config["encoder_sparse_step"], 2);
  EXPECT_EQ(config["decoder_sparse_step"], 8);
  EXPECT_EQ(Completed(R"({"encoder_sparse_step": 7})")["encoder_sparse_step"], 7);
}

TEST(SwitchTransformersTest, PresetsHaveASparseLayerForEachDenseOne) {
  EXPECT_EQ(Completed("", "tiny")["encoder_sparse_step"], 2);
  EXPECT_EQ(Completed("", "base")["decoder_sparse_step"], 2);
}

TEST(SwitchTransformersTest, EveryStepThLayerIsSparse) {
  EXPECT_FALSE(IsSparse(0, 2));
  EXPECT_TRUE(IsSparse(3, 2));
  EXPECT_FALSE(IsSparse(2, 2));
  EXPECT_TRUE(IsSparse(0, 1));
  EXPECT_FALSE(IsSparse(1, 0));
}

TEST(SwitchTransformersTest, PublishedFilesAreRead) {
  EXPECT_THAT(Complete(R"({"add_router_probs": false, "decoder_start_token_id": 0,
                           "feed_forward_proj": "relu", "is_gated_act": false,
                           "n_positions": 512, "router_aux_loss_coef": 0.001,
                           "router_ignore_padding_tokens": false, "router_type": "tokens_masked",
                           "router_z_loss_coef": 0.001, "expert_capacity": 64,
                           "router_jitter_noise": 0.01, "is_decoder": false})")
                  .faults,
              IsEmpty());
}

TEST(SwitchTransformersTest, FaultsNameTheKey) {
  for (const char* config : {R"({"dense_act_fn": "gated-gelu"})", R"({"router_dtype": "float64"})",
                             R"({"num_experts": 0})", R"({"tie_word_embeddings": false})",
                             R"({"relative_attention_max_distance": 16})"}) {
    const ConfigOutcome outcome = Complete(config);
    ASSERT_EQ(outcome.faults.size(), 1U) << config;
    EXPECT_THAT(config, HasSubstr(outcome.faults[0].fault.key));
  }
}

}  // namespace
}  // namespace cusp::catalog
