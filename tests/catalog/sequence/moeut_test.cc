#include "catalog/sequence/moeut.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>

#include "catalog/axes.h"
#include "catalog/catalog.h"
#include "catalog/config.h"

namespace cusp::catalog {
namespace {

using ::testing::IsEmpty;

CompleteConfig Complete(const Preset* preset, std::string_view base_json) {
  ConfigRequest request;
  request.model = FindModel("moeut");
  request.preset = preset;
  request.base_json = base_json;
  request.longest_length = 64;
  const ConfigOutcome outcome = CompleteConfigOf(request);
  EXPECT_THAT(outcome.faults, IsEmpty());
  return outcome.config;
}

// In millions, with the output layer and its bias, as the paper counts.
double MillionsOf(const char* size) {
  const CompleteConfig config = Complete(nullptr, FindNamedConfig(size)->config_json);
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
    const auto config = nlohmann::json::parse(Complete(&preset, "").json);
    const auto value = [&](const char* key) { return config.at(key).get<int64_t>(); };
    EXPECT_EQ(value("group_size") * value("n_experts") * value("expert_size"),
              preset.num_hidden_layers * preset.intermediate_size);
    EXPECT_EQ(2 * value("top_k") * value("expert_size"), preset.intermediate_size);
    EXPECT_LE(value("num_attention_heads"), 4);
  }
}

TEST(MoeutTest, SharedLayersAreAGroupOfOne) {
  EXPECT_DOUBLE_EQ(Complete(FindPreset("base"), R"({"share_layers": true})").parameters,
                   Complete(FindPreset("base"), R"({"group_size": 1})").parameters);
}

TEST(MoeutTest, PruningLeavesEveryExpertAPart) {
  const auto config =
      nlohmann::json::parse(Complete(nullptr, R"({"head_dim": 96, "prune": 0.5})").json);
  const auto pruned = Pruned(*FindModel("moeut"), config);
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
