#include "catalog/text/reformer_cost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/catalog.h"
#include "catalog/config.h"

namespace cusp::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ConfigOutcome Complete(std::string_view overrides, int64_t longest, bool extend = false) {
  ConfigRequest request;
  request.model = FindModel("reformer");
  request.overrides_json = overrides;
  request.longest_length = longest;
  request.extend_positions = extend;
  return CompleteConfigOf(request);
}

nlohmann::json Parsed(const ConfigOutcome& outcome) {
  return nlohmann::json::parse(outcome.config.json);
}

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
      Parsed(Complete(R"({"lsh_attn_chunk_length": 12, "local_attn_chunk_length": 8})", 100));
  EXPECT_EQ(ReformerTokens(config, 8), 8);
  EXPECT_EQ(ReformerTokens(config, 9), 24);
  EXPECT_EQ(ReformerTokens(config, 49), 72);
}

TEST(ReformerRulesTest, GridFollowsTheLongestLength) {
  EXPECT_THAT(Parsed(Complete("", 4096))["axial_pos_shape"], ElementsAre(64, 64));
  EXPECT_THAT(Parsed(Complete("", 5000))["axial_pos_shape"], ElementsAre(40, 128));
  EXPECT_THAT(Parsed(Complete("", 4096))["axial_pos_embds_dim"], ElementsAre(64, 192));
}

TEST(ReformerRulesTest, GridGivenLimitsTheLengths) {
  ConfigRequest request;
  request.model = FindModel("reformer");
  request.base_json = R"({"axial_pos_shape": [8, 16], "max_position_embeddings": 4096})";
  request.longest_length = 4096;
  request.profiling = false;
  const ConfigOutcome outcome = CompleteConfigOf(request);
  EXPECT_EQ(outcome.config.limits.max, 128);
  EXPECT_THAT(outcome.config.limits.max_reason, HasSubstr("axial_pos_shape"));
}

TEST(ReformerRulesTest, ExtendedPositionsAddRowsAndTheirParameters) {
  const NamedConfig* named = FindNamedConfig("reformer-enwik8");
  const ConfigOutcome as_is = Complete(named->config_json, 65536);
  const ConfigOutcome longer = Complete(named->config_json, 131072, true);
  EXPECT_THAT(Parsed(longer)["axial_pos_shape"], ElementsAre(256, 512));
  EXPECT_EQ(longer.config.limits.max, 131072);
  EXPECT_DOUBLE_EQ(longer.config.parameters - as_is.config.parameters, 128 * 256);
}

TEST(ReformerRulesTest, CountsParametersOfEnwik8) {
  const NamedConfig* named = FindNamedConfig("reformer-enwik8");
  // The published model without its output layer.
  EXPECT_DOUBLE_EQ(Complete(named->config_json, 65536).config.parameters, 148'654'080.0);
}

}  // namespace
}  // namespace cusp::catalog
