#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>

#include "catalog/config.h"
#include "tests/catalog/completion.h"

namespace cusp::catalog {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ModernBertRulesTest, CountsParametersOfTheBaseModel) {
  // ModernBERT-base without its head.
  EXPECT_DOUBLE_EQ(
      Complete("modernbert", R"({"vocab_size": 50368, "pad_token_id": 50283})").config.parameters,
      149'014'272.0);
}

TEST(ModernBertRulesTest, EveryThirdLayerIsGlobalUnlessLayersAreNamed) {
  EXPECT_EQ(Completed("modernbert", R"({"num_hidden_layers": 4})")["layer_types"],
            nlohmann::json(
                {"full_attention", "sliding_attention", "sliding_attention", "full_attention"}));
  EXPECT_EQ(Completed("modernbert", R"({"num_hidden_layers": 2,
                          "layer_types": ["sliding_attention", "full_attention"]})")["layer_types"],
            nlohmann::json({"sliding_attention", "full_attention"}));
}

TEST(ModernBertRulesTest, RotaryBasesAreReadUnderAllTheirNames) {
  struct Case {
    std::string_view config;
    double global;
    double local;
  };
  for (const Case& one : {
           Case{"{}", 160000, 10000},
           Case{R"({"global_rope_theta": 5.0, "local_rope_theta": 7.0})", 5, 7},
           Case{R"({"rope_parameters": {"full_attention": {"rope_theta": 5.0},
                                        "sliding_attention": {"rope_type": "default"}},
                    "local_rope_theta": 7.0})",
                5, 7},
           Case{R"({"rope_scaling": {"rope_type": "default", "rope_theta": 9}})", 9, 9},
       }) {
    const nlohmann::json config = Completed("modernbert", one.config);
    EXPECT_EQ(config["global_rope_theta"], one.global) << one.config;
    EXPECT_EQ(config["local_rope_theta"], one.local) << one.config;
  }
}

TEST(ModernBertRulesTest, WhatIsNotComputedIsRefused) {
  struct Case {
    std::string_view config;
    std::string_view key;
    std::string_view message;
  };
  for (const Case& one : {
           Case{R"({"layer_types": ["full_attention"]})", "layer_types", "1 kinds for 22 layers"},
           Case{R"({"layer_types": ["chunked_attention"]})", "layer_types", "use some of"},
           Case{R"({"hidden_size": 36})", "num_attention_heads", "make the size even"},
           Case{R"({"rope_parameters": {"full_attention": {"rope_type": "yarn"}}})",
                "rope_parameters", "only 'default'"},
           Case{R"({"rope_parameters": {"rope_theta": 5.0}})", "rope_parameters",
                "'rope_theta' is no kind of layers"},
           Case{R"({"rope_scaling": {"rope_type": "linear"}})", "rope_scaling", "only 'default'"},
           Case{R"({"pad_token_id": 30522})", "pad_token_id", "outside the vocabulary"},
           Case{R"({"local_attention": 200})", "local_attention", "larger than 64"},
       }) {
    const ConfigOutcome outcome = Complete("modernbert", one.config);
    ASSERT_EQ(outcome.faults.size(), 1U) << one.config;
    EXPECT_EQ(outcome.faults[0].fault.key, one.key) << one.config;
    EXPECT_THAT(outcome.faults[0].fault.message, HasSubstr(one.message)) << one.config;
  }
}

// The first layer has no norm before its attention for the others to share.
TEST(ModernBertRulesTest, SharedLayersKeepTheNormsThatTheFirstHasNot) {
  const double shared = 4.0 * 768 * 768 + 3.0 * 768 * 1152 + 768;
  EXPECT_DOUBLE_EQ(Complete("modernbert", "").config.parameters -
                       Complete("modernbert", R"({"share_layers": true})").config.parameters,
                   21 * shared);
}

TEST(ModernBertRulesTest, PaddingTokenMayBeMissing) {
  EXPECT_THAT(Complete("modernbert", R"({"pad_token_id": null})").faults, IsEmpty());
}

}  // namespace
}  // namespace cusp::catalog
