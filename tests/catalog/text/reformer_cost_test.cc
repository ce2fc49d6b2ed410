#include "catalog/text/reformer_cost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/catalog.h"
#include "catalog/config.h"
#include "tests/catalog/completion.h"

namespace cusp::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ReformerRulesTest, BucketsFollowTheLengthUnlessGiven) {
  nlohmann::json config = {
      {"num_buckets", nullptr}, {"lsh_attn_chunk_length", 64}, {"max_position_embeddings", 524288}};
  EXPECT_THAT(ReformerBuckets(config, 128), ElementsAre(4));
  EXPECT_THAT(ReformerBuckets(config, 192), ElementsAre(4));
  EXPECT_THAT(ReformerBuckets(config, 4096), ElementsAre(128));
  // As many as 2 max(root(524288 / 64), 64) stay one factor.
  EXPECT_THAT(ReformerBuckets(config, 8192), ElementsAre(16, 16));
  EXPECT_THAT(ReformerBuckets(config, 16384), ElementsAre(16, 32));
  config["num_buckets"] = {64, 128};
  EXPECT_THAT(ReformerBuckets(config, 128), ElementsAre(64, 128));
  config["num_buckets"] = 6;
  EXPECT_THAT(ReformerBuckets(config, 128), ElementsAre(6));
}

TEST(ReformerRulesTest, InputsBeyondTheShorterChunkArePaddedToBoth) {
  const nlohmann::json config =
      Completed("reformer", R"({"lsh_attn_chunk_length": 12, "local_attn_chunk_length": 8})");
  EXPECT_EQ(ReformerTokens(config, 8), 8);
  EXPECT_EQ(ReformerTokens(config, 9), 24);
  EXPECT_EQ(ReformerTokens(config, 49), 72);
}

TEST(ReformerRulesTest, GridFollowsTheLongestLength) {
  EXPECT_THAT(Completed("reformer", "", {.longest_length = 4096})["axial_pos_shape"],
              ElementsAre(64, 64));
  EXPECT_THAT(Completed("reformer", "", {.longest_length = 5000})["axial_pos_shape"],
              ElementsAre(40, 128));
  EXPECT_THAT(Completed("reformer", "", {.longest_length = 4096})["axial_pos_embds_dim"],
              ElementsAre(64, 192));
}

TEST(ReformerRulesTest, GridGivenLimitsTheLengths) {
  const ConfigOutcome outcome =
      Complete("reformer", R"({"axial_pos_shape": [8, 16], "max_position_embeddings": 4096})",
               {.longest_length = 4096, .profiling = false});
  EXPECT_EQ(outcome.config.limits.max, 128);
  EXPECT_THAT(outcome.config.limits.max_reason, HasSubstr("axial_pos_shape"));
}

TEST(ReformerRulesTest, ExtendedPositionsAddRowsAndTheirParameters) {
  const NamedConfig* named = FindNamedConfig("reformer-enwik8");
  const ConfigOutcome longer = Complete("reformer", named->config_json,
                                        {.longest_length = 131072, .extend_positions = true});
  EXPECT_THAT(Parsed(longer)["axial_pos_shape"], ElementsAre(256, 512));
  EXPECT_EQ(longer.config.limits.max, 131072);
  EXPECT_DOUBLE_EQ(longer.config.parameters - ParametersOf("reformer-enwik8"), 128 * 256);
}

TEST(ReformerRulesTest, LayersOfOneKindShareTheirParameters) {
  const auto parameters = [](std::string_view config) {
    return Complete("reformer", config).config.parameters;
  };
  EXPECT_EQ(parameters(R"({"share_layers": true})"),
            parameters(R"({"attn_layers": ["lsh", "local"]})"));
  EXPECT_EQ(parameters(R"({"attn_layers": ["local", "local"], "share_layers": true})"),
            parameters(R"({"attn_layers": ["local"]})"));
}

TEST(ReformerRulesTest, CheckpointingIsRefusedWithTheReason) {
  const ConfigOutcome outcome = Complete("reformer", R"({"checkpointing": true})");
  ASSERT_EQ(outcome.faults.size(), 1U);
  EXPECT_EQ(outcome.faults[0].fault.key, "checkpointing");
  EXPECT_THAT(outcome.faults[0].fault.message, HasSubstr("its layers are reversible"));
}

TEST(ReformerRulesTest, CountsParametersOfEnwik8) {
  // The published model without its output layer.
  EXPECT_DOUBLE_EQ(ParametersOf("reformer-enwik8"), 148'654'080.0);
}

}  // namespace
}  // namespace cusp::catalog
