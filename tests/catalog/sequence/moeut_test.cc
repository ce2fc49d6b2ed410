#include "catalog/sequence/moeut.h"

#include <gtest/gtest.h>

#include "catalog/axes.h"
#include "catalog/catalog.h"
#include "catalog/config.h"
#include "tests/catalog/completion.h"

namespace cusp::catalog {
namespace {

// In millions, with the output layer and its bias, as the paper counts.
double MillionsOf(const char* size) {
  const CompleteConfig config = CompleteSize(size);
  const double d = nlohmann::json::parse(config.json).at("hidden_size");
  return (config.parameters + 8000 * d + 8000) / 1e6;
}

TEST(MoeutTest, CountsParametersOfPublishedSizes) {
  EXPECT_NEAR(MillionsOf("moeut-44m"), 44, 0.5);
  EXPECT_NEAR(MillionsOf("moeut-126m"), 126, 0.5);
  EXPECT_NEAR(MillionsOf("moeut-244m"), 244, 1);
  EXPECT_NEAR(MillionsOf("moeut-318m"), 318, 0.5);
  EXPECT_NEAR(MillionsOf("moeut-727m"), 727, 0.5);
  EXPECT_NEAR(MillionsOf("moeut-1b"), 1040, 1);
}

TEST(MoeutTest, PresetsKeepThePublishedProportions) {
  for (const Preset& preset : Presets()) {
    const auto config = Completed("moeut", "", {.preset = preset.name});
    const auto value = [&](const char* key) { return config.at(key).get<int64_t>(); };
    EXPECT_EQ(value("group_size") * value("n_experts") * value("expert_size"),
              preset.num_hidden_layers * preset.intermediate_size);
    EXPECT_EQ(2 * value("top_k") * value("expert_size"), preset.intermediate_size);
    EXPECT_LE(value("num_attention_heads"), 4);
  }
}

TEST(MoeutTest, SharedLayersAreAGroupOfOne) {
  EXPECT_DOUBLE_EQ(Complete("moeut", R"({"share_layers": true})").config.parameters,
                   Complete("moeut", R"({"group_size": 1})").config.parameters);
}

TEST(MoeutTest, PruningLeavesEveryExpertAPart) {
  const auto pruned =
      Pruned(*FindModel("moeut"), Completed("moeut", R"({"head_dim": 96, "prune": 0.5})"));
  EXPECT_EQ(pruned.at("num_attention_heads"), 2);
  EXPECT_EQ(pruned.at("head_dim"), 96);
  EXPECT_EQ(pruned.at("expert_size"), 64);
  EXPECT_EQ(pruned.at("n_experts"), 254);
}

TEST(MoeutTest, TurningFeaturesAreEven) {
  nlohmann::json config = {{"head_dim", 82}, {"partial_rotary_factor", 0.5}};
  EXPECT_EQ(TurningFeatures(config), 40);
  config["partial_rotary_factor"] = 1.0;
  EXPECT_EQ(TurningFeatures(config), 82);
}

}  // namespace
}  // namespace cusp::catalog
