#include "catalog/speech/hubert_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/config.h"
#include "tests/catalog/completion.h"

namespace cusp::catalog {
namespace {

using ::testing::HasSubstr;

constexpr Completion kSecond = {.longest_length = 16'000};

TEST(HubertRulesTest, FramesAreThoseOfTheConvolutions) {
  const nlohmann::json config = Completed("hubert", "", kSecond);
  for (const int64_t samples : {400, 719, 720, 16'000, 123'456}) {
    EXPECT_EQ(Frames(config, samples), (samples - 400) / 320 + 1) << samples;
  }
  EXPECT_EQ(Frames(config, 399), 0);
  EXPECT_EQ(FrameStride(config), 320);
}

TEST(HubertRulesTest, TakesFromOneFrameToAnHour) {
  const ConfigOutcome outcome = Complete("hubert", "", kSecond);
  EXPECT_EQ(outcome.config.quantum, 320);  // what is no whole frame is left out
  EXPECT_EQ(outcome.config.limits.min, 400);
  EXPECT_EQ(outcome.config.limits.max, 57'600'000);
}

TEST(HubertRulesTest, CountsParametersOfHubertBase) {
  // facebook/hubert-base-ls960 without masked_spec_embed.
  EXPECT_DOUBLE_EQ(Complete("hubert", "", kSecond).config.parameters, 94'371'712.0 - 768);
}

TEST(HubertRulesTest, PresetsScaleTheFrontEnd) {
  EXPECT_EQ(Completed("hubert", "", {.preset = "tiny", .longest_length = 16'000})["conv_dim"],
            nlohmann::json(std::vector<int>(7, 32)));
  EXPECT_EQ(Completed("hubert", "", {.preset = "large", .longest_length = 16'000})["conv_dim"],
            nlohmann::json(std::vector<int>(7, 512)));
}

TEST(HubertRulesTest, FaultsNameTheKey) {
  EXPECT_THAT(Complete("hubert", R"({"conv_stride": [5, 2]})", kSecond).faults[0].fault.message,
              HasSubstr("lists 2 values for 7"));
  EXPECT_THAT(Complete("hubert", R"({"num_conv_pos_embedding_groups": 7})", kSecond)
                  .faults[0]
                  .fault.message,
              HasSubstr("not a multiple"));
  EXPECT_THAT(Complete("hubert", R"({"conv_stride": [9999, 9999, 9999, 2, 2, 2, 2]})", kSecond)
                  .faults[0]
                  .fault.message,
              HasSubstr("more than an hour"));
  EXPECT_THAT(
      Complete("hubert", R"({"conv_pos_batch_norm": true})", kSecond).faults[0].fault.message,
      HasSubstr("only false"));
}

TEST(LHubertRulesTest, PadsToItsWindow) {
  const CompleteConfig narrow = Complete("l_hubert", R"({"attention_window": 50})", kSecond).config;
  EXPECT_EQ(narrow.quantum, 16'000);
  const nlohmann::json config = nlohmann::json::parse(narrow.json);
  EXPECT_EQ(Frames(config, 3 * narrow.quantum + narrow.slack), 150);
  EXPECT_EQ(Frames(config, 3 * narrow.quantum + narrow.slack + 1), 151);
  EXPECT_THAT(Complete("l_hubert", R"({"attention_window": 51})", kSecond).faults[0].fault.message,
              HasSubstr("use 52"));
}

}  // namespace
}  // namespace cusp::catalog
