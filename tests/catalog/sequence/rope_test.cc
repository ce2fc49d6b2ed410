#include "catalog/sequence/rope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "catalog/config.h"
#include "tests/catalog/completion.h"

namespace cusp::catalog {
namespace {

using ::testing::HasSubstr;

constexpr Completion kOnePass = {.profiling = false};

nlohmann::json Llama(const std::string& config) { return Completed("llama", config, kOnePass); }

nlohmann::json RopeOf(const std::string& config) { return Llama(config)["rope_parameters"]; }

TEST(RopeTest, OlderFilesMeanTheSame) {
  const auto newer =
      RopeOf(R"({"rope_parameters": {"rope_type": "linear", "factor": 2.0, "rope_theta": 500}})");
  EXPECT_EQ(RopeOf(R"({"rope_scaling": {"type": "linear", "factor": 2.0}, "rope_theta": 500})"),
            newer);
  // The older name, where it holds anything, is the one that counts.
  EXPECT_EQ(RopeOf(R"({"rope_scaling": {"type": "linear", "factor": 2.0, "rope_theta": 500},
                       "rope_parameters": {"rope_type": "yarn", "factor": 3.0}})"),
            newer);
  EXPECT_EQ(RopeOf(R"({"rope_scaling": {}, "rope_parameters": {"rope_type": "linear", "factor": 2.0,
                       "rope_theta": 500}})"),
            newer);
}

TEST(RopeTest, OpenValuesAreFilledIn) {
  const auto yarn = RopeOf(R"({"max_position_embeddings": 60,
      "rope_parameters": {"rope_type": "yarn", "original_max_position_embeddings": 15}})");
  EXPECT_EQ(yarn["factor"], 4.0);
  EXPECT_EQ(yarn["beta_fast"], 32);
  EXPECT_EQ(yarn["truncate"], true);
  const auto longer = RopeOf(R"({"max_position_embeddings": 60, "head_dim": 2,
      "rope_parameters": {"rope_type": "longrope", "short_factor": [1], "long_factor": [2]}})");
  EXPECT_EQ(longer["original_max_position_embeddings"], 60);
  // The key outside comes before that within.
  EXPECT_EQ(RopeOf(R"({"original_max_position_embeddings": 30,
      "rope_parameters": {"rope_type": "llama3", "factor": 8, "low_freq_factor": 1,
                          "high_freq_factor": 4, "original_max_position_embeddings": 15}})")
                ["original_max_position_embeddings"],
            30);
}

TEST(RopeTest, CompleteConfigurationStaysAsItIs) {
  for (const char* rope :
       {"null", R"({"rope_type": "dynamic", "factor": 2})", R"({"rope_type": "yarn"})",
        R"({"rope_type": "proportional", "partial_rotary_factor": 0.5})"}) {
    const auto once = Llama(std::string(R"({"rope_parameters": )") + rope + "}");
    EXPECT_EQ(Llama(once.dump()), once) << rope;
  }
}

TEST(RopeTest, DynamicStretchesTheLongestInput) {
  EXPECT_EQ(Complete("llama", R"({"max_position_embeddings": 50})", kOnePass).config.limits.max,
            50);
  const LengthLimits limits = Complete("llama", R"({"max_position_embeddings": 50,
      "rope_scaling": {"type": "dynamic", "factor": 2.5}})",
                                       kOnePass)
                                  .config.limits;
  EXPECT_EQ(limits.max, 125);
  EXPECT_THAT(limits.max_reason, HasSubstr("'dynamic' stretches"));
}

TEST(RopeTest, FaultsNameTheKeyInForce) {
  const struct {
    const char* rope;
    const char* part;
  } faults[] = {
      {R"({"rope_type": "su"})", "'su'"},
      {R"({"type": "su"})", "'su'"},
      {R"({"rope_type": "linear"})", "needs factor"},
      {R"({"rope_type": "linear", "factor": null})", "needs factor"},
      {R"({"rope_type": "linear", "factor": "2"})", "factor is '2'"},
      {R"({"rope_type": "linear", "factor": -2})", "factor is '-2'"},
      {R"({"rope_type": "linear", "factor": 2, "partial_rotary_factor": 0.5})", "whole heads"},
      {R"({"rope_theta": "1"})", "rope_theta"},
      {R"({"rope_theta": 0.5})", "rope_theta"},
      {R"({"rope_type": "yarn", "rope_theta": 1})", "above 1"},
      {R"({"rope_type": "longrope", "short_factor": [1], "long_factor": [2]})", "64 pairs"},
      {R"({"rope_type": "longrope", "short_factor": [1]})", "needs long_factor"},
      {R"({"rope_type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 4})",
       "greater"},
      {R"({"mrope_section": [1]})", "'mrope_section'"},
  };
  for (const auto& fault : faults) {
    for (const std::string key : {"rope_parameters", "rope_scaling"}) {
      const ConfigOutcome outcome =
          Complete("llama", "{\"" + key + "\": " + fault.rope + "}", kOnePass);
      ASSERT_EQ(outcome.faults.size(), 1U) << fault.rope;
      EXPECT_EQ(outcome.faults[0].fault.key, key) << fault.rope;
      EXPECT_THAT(outcome.faults[0].fault.message, HasSubstr(fault.part));
    }
  }
}

}  // namespace
}  // namespace cusp::catalog
