#include "catalog/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/config.h"
#include "tests/catalog/completion.h"

namespace cusp::catalog {
namespace {

using ::testing::HasSubstr;

constexpr Completion kTiny = {.preset = "tiny", .longest_length = 100};

TEST(BertRulesTest, TakesEveryLengthWithoutPadding) {
  const ConfigOutcome outcome = Complete("bert", "", {.longest_length = 777});
  EXPECT_EQ(outcome.config.quantum, 1);
  EXPECT_EQ(outcome.config.limits.min, 1);
  EXPECT_EQ(outcome.config.limits.max, 777);
}

TEST(ModelRulesTest, OnePassFollowsTheReferenceWhereProfilingRefuses) {
  const Completion one_pass = {.longest_length = 32, .profiling = false};
  const auto faults = [&](const char* config) {
    return Complete("nystromformer", config, one_pass).faults;
  };
  EXPECT_TRUE(faults(R"({"num_landmarks": 32, "segment_means_seq_len": 32})").empty());
  EXPECT_THAT(faults(R"({"num_landmarks": 32, "segment_means_seq_len": 33})").at(0).fault.message,
              HasSubstr("use 64"));
}

TEST(BertRulesTest, CountsParametersOfBertBase) {
  // bert-base-uncased without its pooler.
  EXPECT_DOUBLE_EQ(Complete("bert", "", {.longest_length = 512}).config.parameters, 108'891'648.0);
}

TEST(LongformerRulesTest, CausalIsRefused) {
  EXPECT_THAT(Complete("longformer", R"({"is_decoder": true})", kTiny).faults[0].fault.message,
              HasSubstr("an encoder only"));
}

TEST(LongformerRulesTest, WidestWindowIsTheQuantumAndPositionsFollowThePad) {
  const ConfigOutcome outcome =
      Complete("longformer", R"({"attention_window": [32, 64], "pad_token_id": 3})", kTiny);
  ASSERT_TRUE(outcome.faults.empty());
  EXPECT_EQ(outcome.config.quantum, 64);
  EXPECT_EQ(Parsed(outcome)["max_position_embeddings"], 128 + 3 + 1);
  EXPECT_EQ(outcome.config.limits.max, 128);
}

TEST(LongformerRulesTest, UnevenWindowsPadToTheirCommonMultiple) {
  EXPECT_EQ(Complete("longformer", R"({"attention_window": [12, 8]})", kTiny).config.quantum, 24);
  const ConfigOutcome outcome = Complete("longformer", R"({"attention_window": [524286, 524288]})",
                                         {.preset = "tiny", .longest_length = 600'000});
  ASSERT_EQ(outcome.faults.size(), 1U);
  EXPECT_THAT(outcome.faults[0].fault.message, HasSubstr("no common multiple"));
}

TEST(LongformerRulesTest, OneWindowBecomesOneForEachLayer) {
  const ConfigOutcome outcome = Complete("longformer", R"({"attention_window": 32})", kTiny);
  EXPECT_EQ(Parsed(outcome)["attention_window"], nlohmann::json({32, 32}));
}

TEST(LongformerRulesTest, DefaultWindowMayExceedAShortJob) {
  const ConfigOutcome outcome = Complete("longformer", "", kTiny);
  ASSERT_TRUE(outcome.faults.empty());
  EXPECT_EQ(outcome.config.quantum, 512);
}

TEST(NystromformerRulesTest, StartsAboveItsLandmarks) {
  const ConfigOutcome outcome = Complete("nystromformer", R"({"num_landmarks": 32})", kTiny);
  ASSERT_TRUE(outcome.faults.empty());
  EXPECT_EQ(outcome.config.quantum, 32);
  EXPECT_EQ(outcome.config.limits.min, 33);
  EXPECT_THAT(outcome.config.limits.min_reason, HasSubstr("plain softmax"));
  EXPECT_EQ(outcome.config.limits.max, 128);
  const auto config = Parsed(outcome);
  EXPECT_EQ(config["max_position_embeddings"], 128);
  EXPECT_NE(config["segment_means_seq_len"], config["num_landmarks"]);
  EXPECT_EQ(config["hidden_act"], "gelu_new");
  EXPECT_EQ(config["pad_token_id"], 1);
}

TEST(NystromformerRulesTest, SegmentsEqualToLandmarksAreRefused) {
  const ConfigOutcome outcome =
      Complete("nystromformer", R"({"num_landmarks": 32, "segment_means_seq_len": 32})", kTiny);
  ASSERT_EQ(outcome.faults.size(), 1U);
  EXPECT_EQ(outcome.faults[0].fault.key, "segment_means_seq_len");
  EXPECT_FALSE(Complete("nystromformer", R"({"segment_means_seq_len": 64})", kTiny).faults.empty());
}

TEST(NystromformerRulesTest, EvenKernelIsRefused) {
  EXPECT_THAT(
      Complete("nystromformer", R"({"conv_kernel_size": 64})", kTiny).faults[0].fault.message,
      HasSubstr("use 65"));
}

TEST(NystromformerRulesTest, ConvolutionMayBeOff) {
  const ConfigOutcome outcome = Complete("nystromformer", R"({"conv_kernel_size": null})", kTiny);
  ASSERT_TRUE(outcome.faults.empty());
  EXPECT_TRUE(Parsed(outcome)["conv_kernel_size"].is_null());
}

TEST(LinformerRulesTest, ProjectsTo256ByDefault) {
  const ConfigOutcome outcome = Complete("linformer", "", kTiny);
  EXPECT_EQ(Parsed(outcome)["linformer_k"], 256);
  EXPECT_GT(outcome.config.parameters, Complete("bert", "", kTiny).config.parameters);
}

}  // namespace
}  // namespace cusp::catalog
