#include "catalog/speech/hubert_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/catalog.h"
#include "catalog/config.h"

namespace cusp::catalog {
namespace {

using ::testing::HasSubstr;

ConfigOutcome Complete(std::string_view model, std::string_view overrides,
                       std::string_view preset = "") {
  ConfigRequest request;
  request.model = FindModel(model);
  request.preset = FindPreset(preset);
  request.overrides_json = overrides;
  request.longest_length = 16'000;
  return CompleteConfigOf(request);
}

nlohmann::json Config(std::string_view model, std::string_view overrides = "") {
  return nlohmann::json::parse(Complete(model, overrides).config.json);
}

TEST(HubertRulesTest, FramesAreThoseOfTheConvolutions) {
  const nlohmann::json config = Config("hubert");
  for (const int64_t samples : {400, 719, 720, 16'000, 123'456}) {
    EXPECT_EQ(Frames(config, samples), (samples - 400) / 320 + 1) << samples;
  }
  EXPECT_EQ(Frames(config, 399), 0);
  EXPECT_EQ(FrameStride(config), 320);
}

TEST(HubertRulesTest, TakesFromOneFrameToAnHour) {
  const ConfigOutcome outcome = Complete("hubert", "");
  EXPECT_EQ(outcome.config.quantum, 320);  // what is no whole frame is left out
  EXPECT_EQ(outcome.config.limits.min, 400);
  EXPECT_EQ(outcome.config.limits.max, 57'600'000);
}

TEST(HubertRulesTest, CountsParametersOfHubertBase) {
  // facebook/hubert-base-ls960 without masked_spec_embed.
  EXPECT_DOUBLE_EQ(Complete("hubert", "").config.parameters, 94'371'712.0 - 768);
}

TEST(HubertRulesTest, PresetsScaleTheFrontEnd) {
  EXPECT_EQ(nlohmann::json::parse(Complete("hubert", "", "tiny").config.json)["conv_dim"],
            nlohmann::json(std::vector<int>(7, 32)));
  EXPECT_EQ(nlohmann::json::parse(Complete("hubert", "", "large").config.json)["conv_dim"],
            nlohmann::json(std::vector<int>(7, 512)));
}

TEST(HubertRulesTest, FaultsNameTheKey) {
  EXPECT_THAT(Complete("hubert", R"({"conv_stride": [5, 2]})").faults[0].fault.message,
              HasSubstr("lists 2 values for 7"));
  EXPECT_THAT(Complete("hubert", R"({"num_conv_pos_embedding_groups": 7})").faults[0].fault.message,
              HasSubstr("not a multiple"));
  EXPECT_THAT(Complete("hubert", R"({"conv_stride": [9999, 9999, 9999, 2, 2, 2, 2]})")
                  .faults[0]
                  .fault.message,
              HasSubstr("more than an hour"));
  EXPECT_THAT(Complete("hubert", R"({"conv_pos_batch_norm": true})").faults[0].fault.message,
              HasSubstr("only false"));
}

TEST(LHubertRulesTest, PadsToItsWindow) {
  const CompleteConfig narrow = Complete("l_hubert", R"({"attention_window": 50})").config;
  EXPECT_EQ(narrow.quantum, 16'000);
  const nlohmann::json config = nlohmann::json::parse(narrow.json);
  EXPECT_EQ(Frames(config, 3 * narrow.quantum + narrow.slack), 150);
  EXPECT_EQ(Frames(config, 3 * narrow.quantum + narrow.slack + 1), 151);
  EXPECT_THAT(Complete("l_hubert", R"({"attention_window": 51})").faults[0].fault.message,
              HasSubstr("use 52"));
}

}  // namespace
}  // namespace cusp::catalog
