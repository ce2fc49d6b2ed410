#include "catalog/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "catalog/catalog.h"
#include "catalog/config.h"

namespace cusp::catalog {
namespace {

using ::testing::HasSubstr;

ConfigOutcome Complete(std::string_view model, std::string_view overrides, int64_t longest) {
  ConfigRequest request;
  request.model = FindModel(model);
  request.preset = FindPreset("tiny");
  request.overrides_json = overrides;
  request.longest_length = longest;
  return CompleteConfigOf(request);
}

nlohmann::json Parsed(const ConfigOutcome& outcome) {
  return nlohmann::json::parse(outcome.config.json, nullptr, false);
}

TEST(BertRulesTest, TakesEveryLengthWithoutPadding) {
  const ConfigOutcome outcome = Complete("bert", "", 777);
  EXPECT_EQ(outcome.config.quantum, 1);
  EXPECT_EQ(outcome.config.limits.min, 1);
  EXPECT_EQ(outcome.config.limits.max, 777);
}

TEST(ModelRulesTest, OnePassFollowsTheReferenceWhereProfilingRefuses) {
  ConfigRequest request;
  request.model = FindModel("nystromformer");
  request.base_json = R"({"num_landmarks": 32, "segment_means_seq_len": 32})";
  request.longest_length = 32;
  request.profiling = false;
  EXPECT_TRUE(CompleteConfigOf(request).faults.empty());
  request.base_json = R"({"num_landmarks": 32, "segment_means_seq_len": 33})";
  EXPECT_THAT(CompleteConfigOf(request).faults[0].fault.message, HasSubstr("use 64"));
}

TEST(BertRulesTest, CountsParametersOfBertBase) {
  ConfigRequest request;
  request.model = FindModel("bert");
  request.longest_length = 512;
  // bert-base-uncased without its pooler.
  EXPECT_DOUBLE_EQ(CompleteConfigOf(request).config.parameters, 108'891'648.0);
}

TEST(LongformerRulesTest, CausalIsRefused) {
  EXPECT_THAT(Complete("longformer", R"({"is_decoder": true})", 64).faults[0].fault.message,
              HasSubstr("an encoder only"));
}

TEST(LongformerRulesTest, WidestWindowIsTheQuantumAndPositionsFollowThePad) {
  const ConfigOutcome outcome =
      Complete("longformer", R"({"attention_window": [32, 64], "pad_token_id": 3})", 100);
  ASSERT_TRUE(outcome.faults.empty());
  EXPECT_EQ(outcome.config.quantum, 64);
  EXPECT_EQ(Parsed(outcome)["max_position_embeddings"], 128 + 3 + 1);
  EXPECT_EQ(outcome.config.limits.max, 128);
}

TEST(LongformerRulesTest, UnevenWindowsPadToTheirCommonMultiple) {
  EXPECT_EQ(Complete("longformer", R"({"attention_window": [12, 8]})", 100).config.quantum, 24);
  const ConfigOutcome outcome =
      Complete("longformer", R"({"attention_window": [524286, 524288]})", 600'000);
  ASSERT_EQ(outcome.faults.size(), 1U);
  EXPECT_THAT(outcome.faults[0].fault.message, HasSubstr("no common multiple"));
}

TEST(LongformerRulesTest, OneWindowBecomesOneForEachLayer) {
  const ConfigOutcome outcome = Complete("longformer", R"({"attention_window": 32})", 100);
  EXPECT_EQ(Parsed(outcome)["attention_window"], nlohmann::json({32, 32}));
}

TEST(LongformerRulesTest, DefaultWindowMayExceedAShortJob) {
  const ConfigOutcome outcome = Complete("longformer", "", 100);
  ASSERT_TRUE(outcome.faults.empty());
  EXPECT_EQ(outcome.config.quantum, 512);
}

TEST(NystromformerRulesTest, StartsAboveItsLandmarks) {
  const ConfigOutcome outcome = Complete("nystromformer", R"({"num_landmarks": 32})", 100);
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
      Complete("nystromformer", R"({"num_landmarks": 32, "segment_means_seq_len": 32})", 100);
  ASSERT_EQ(outcome.faults.size(), 1U);
  EXPECT_EQ(outcome.faults[0].fault.key, "segment_means_seq_len");
  EXPECT_FALSE(Complete("nystromformer", R"({"segment_means_seq_len": 64})", 100).faults.empty());
}

TEST(NystromformerRulesTest, EvenKernelIsRefused) {
  EXPECT_THAT(Complete("nystromformer", R"({"conv_kernel_size": 64})", 100).faults[0].fault.message,
              HasSubstr("use 65"));
}

TEST(NystromformerRulesTest, ConvolutionMayBeOff) {
  const ConfigOutcome outcome = Complete("nystromformer", R"({"conv_kernel_size": null})", 100);
  ASSERT_TRUE(outcome.faults.empty());
  EXPECT_TRUE(Parsed(outcome)["conv_kernel_size"].is_null());
}

TEST(LinformerRulesTest, ProjectsTo256ByDefault) {
  const ConfigOutcome outcome = Complete("linformer", "", 100);
  EXPECT_EQ(Parsed(outcome)["linformer_k"], 256);
  EXPECT_GT(outcome.config.parameters, Complete("bert", "", 100).config.parameters);
}

}  // namespace
}  // namespace cusp::catalog
