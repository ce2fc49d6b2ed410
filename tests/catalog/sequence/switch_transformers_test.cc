#include "catalog/sequence/switch_transformers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/config.h"
#include "tests/catalog/completion.h"

namespace cusp::catalog {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kModel = "switch_transformers";

TEST(SwitchTransformersTest, CountsParametersOfThePublishedSize) {
  EXPECT_DOUBLE_EQ(ParametersOf("switch-base-8"), 619'339'008.0);
}

TEST(SwitchTransformersTest, StepsFollowFromNumbersOfSparseLayers) {
  const nlohmann::json config = Completed(
      kModel, R"({"num_layers": 12, "num_sparse_encoder_layers": 5, "num_decoder_layers": 8,
                    "num_sparse_decoder_layers": 0})");
  EXPECT_EQ(config["encoder_sparse_step"], 2);
  EXPECT_EQ(config["decoder_sparse_step"], 8);
  EXPECT_EQ(Completed(kModel, R"({"encoder_sparse_step": 7})")["encoder_sparse_step"], 7);
}

TEST(SwitchTransformersTest, PresetsHaveASparseLayerForEachDenseOne) {
  EXPECT_EQ(Completed(kModel, "", {.preset = "tiny"})["encoder_sparse_step"], 2);
  EXPECT_EQ(Completed(kModel, "", {.preset = "base"})["decoder_sparse_step"], 2);
}

TEST(SwitchTransformersTest, EveryStepThLayerIsSparse) {
  EXPECT_FALSE(IsSparse(0, 2));
  EXPECT_TRUE(IsSparse(3, 2));
  EXPECT_FALSE(IsSparse(2, 2));
  EXPECT_TRUE(IsSparse(0, 1));
  EXPECT_FALSE(IsSparse(1, 0));
}

TEST(SwitchTransformersTest, PublishedFilesAreRead) {
  EXPECT_THAT(Complete(kModel, R"({"add_router_probs": false, "decoder_start_token_id": 0,
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
    const ConfigOutcome outcome = Complete(kModel, config);
    ASSERT_EQ(outcome.faults.size(), 1U) << config;
    EXPECT_THAT(config, HasSubstr(outcome.faults[0].fault.key));
  }
}

}  // namespace
}  // namespace cusp::catalog
