#include "worker/models/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/model.h"

namespace cusp::models {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

struct BadConfig {
  const char* label;
  const char* model_type;
  // Merged over TinyConfig; a JSON object.
  const char* change;
  // What the message must hold.
  std::vector<std::string> parts;
};

class BadConfigTest : public ::testing::TestWithParam<BadConfig> {};

TEST_P(BadConfigTest, IsRefusedNamingTheKey) {
  nlohmann::json config = TinyConfig(GetParam().model_type);
  config.update(nlohmann::json::parse(GetParam().change));
  const auto model = BuildModel(config.dump(), {});
  ASSERT_THAT(model, StatusIs(absl::StatusCode::kInvalidArgument));
  for (const std::string& part : GetParam().parts) {
    EXPECT_THAT(std::string(model.status().message()), HasSubstr(part));
  }
  EXPECT_LT(model.status().message().size(), 600U);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadConfigTest,
    ::testing::Values(
        BadConfig{"Typo", "bert", R"({"hiden_size": 4})", {"hiden_size", "'hidden_size'"}},
        BadConfig{"ForeignKey", "bert", R"({"attention_window": 4})", {"attention_window"}},
        BadConfig{"TextForInteger", "bert", R"({"hidden_size": "16"})", {"hidden_size", "integer"}},
        BadConfig{"Fraction", "bert", R"({"hidden_size": 16.5})", {"hidden_size", "16.5"}},
        BadConfig{"ListForInteger", "bert", R"({"vocab_size": [3]})", {"vocab_size"}},
        BadConfig{"NullForInteger", "bert", R"({"vocab_size": null})", {"vocab_size"}},
        BadConfig{"BoolForInteger", "bert", R"({"vocab_size": true})", {"vocab_size"}},
        BadConfig{"ZeroHeads", "bert", R"({"num_attention_heads": 0})", {"num_attention_heads"}},
        BadConfig{"NegativeLayers", "bert", R"({"num_hidden_layers": -1})", {"num_hidden_layers"}},
        BadConfig{"Indivisible",
                  "bert",
                  R"({"num_attention_heads": 3})",
                  {"num_attention_heads", "hidden_size 16"}},
        BadConfig{"BillionLayers",
                  "bert",
                  R"({"num_hidden_layers": 1000000000})",
                  {"num_hidden_layers", "1000000000"}},
        BadConfig{"HugeInteger", "bert", R"({"hidden_size": 1e300})", {"hidden_size"}},
        BadConfig{
            "BeyondInt64", "bert", R"({"hidden_size": 99999999999999999999})", {"hidden_size"}},
        BadConfig{"BeyondMemory",
                  "bert",
                  R"({"hidden_size": 999424, "num_hidden_layers": 9999})",
                  {"GB"}},
        BadConfig{"VocabularyBeyondMemory",
                  "linformer",
                  R"({"vocab_size": 1073741824, "hidden_size": 65536})",
                  {"vocab_size", "use 4 to"}},
        BadConfig{"UnknownActivation", "bert", R"({"hidden_act": "gelo"})", {"hidden_act", "gelo"}},
        BadConfig{"ActivationNumber", "bert", R"({"hidden_act": 1})", {"hidden_act"}},
        BadConfig{"NegativeEpsilon", "bert", R"({"layer_norm_eps": -1})", {"layer_norm_eps"}},
        BadConfig{
            "DropoutOfOne", "bert", R"({"hidden_dropout_prob": 1.0})", {"hidden_dropout_prob"}},
        BadConfig{"PaddingOutsideVocabulary", "bert", R"({"pad_token_id": 37})", {"pad_token_id"}},
        BadConfig{"Decoder", "linformer", R"({"is_decoder": true})", {"is_decoder"}},
        BadConfig{"RelativePositions",
                  "bert",
                  R"({"position_embedding_type": "relative_key"})",
                  {"position_embedding_type"}},
        BadConfig{"PrunedHeads", "bert", R"({"pruned_heads": {"0": [1]}})", {"pruned_heads"}},
        BadConfig{"OddWindow", "longformer", R"({"attention_window": 7})", {"attention_window"}},
        BadConfig{
            "ZeroWindow", "longformer", R"({"attention_window": [8, 0]})", {"attention_window"}},
        BadConfig{"WindowPerLayerMissing",
                  "longformer",
                  R"({"attention_window": [8]})",
                  {"attention_window", "2"}},
        BadConfig{
            "WindowText", "longformer", R"({"attention_window": [8, "x"]})", {"attention_window"}},
        BadConfig{"WindowsWithoutMultiple",
                  "longformer",
                  R"({"attention_window": [65534, 65522]})",
                  {"attention_window", "common multiple"}},
        BadConfig{"NoPadding", "longformer", R"({"pad_token_id": null})", {"pad_token_id"}},
        BadConfig{"NoPositionLeft",
                  "longformer",
                  R"({"max_position_embeddings": 2})",
                  {"max_position_embeddings"}},
        BadConfig{"LandmarksDoNotDivide",
                  "nystromformer",
                  R"({"num_landmarks": 7})",
                  {"segment_means_seq_len", "num_landmarks 7"}},
        BadConfig{
            "EvenConvolution", "nystromformer", R"({"conv_kernel_size": 4})", {"conv_kernel_size"}},
        BadConfig{"ExactInverseStart",
                  "nystromformer",
                  R"({"inv_coeff_init_option": true})",
                  {"inv_coeff_init_option"}},
        BadConfig{"SegmentsBeyondPositions",
                  "nystromformer",
                  R"({"segment_means_seq_len": 128})",
                  {"segment_means_seq_len", "max_position_embeddings"}},
        BadConfig{"ZeroRows", "linformer", R"({"linformer_k": 0})", {"linformer_k"}}),
    [](const auto& test) { return test.param.label; });

absl::StatusOr<Config> Parse(const std::string& text) {
  return Config::Parse(text, /*profiling=*/false, /*longest_length=*/40);
}

TEST(ConfigTest, WhatIsNoJsonObjectIsRefused) {
  for (const char* text : {"", "{", "[]", "3", "null", "{\"a\": }", "{\"a\": 1,}", "\xff\xfe"}) {
    EXPECT_THAT(Parse(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST(ConfigTest, KeyTwiceIsRefused) {
  EXPECT_THAT(Parse(R"({"model_type": "bert", "vocab_size": 9, "vocab_size": 9})"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("'vocab_size' twice")));
}

TEST(ConfigTest, DeepNestingIsRefusedWithoutCrash) {
  const std::string deep(20'000, '[');
  EXPECT_THAT(Parse(deep), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Parse("{\"x\": " + deep + std::string(20'000, ']') + "}"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ConfigTest, HarmlessKeysOfCheckpointsAreIgnored) {
  nlohmann::json config = TinyConfig("bert");
  config.update({{"transformers_version", "5.17.0"},
                 {"architectures", {"BertForMaskedLM"}},
                 {"id2label", {{"0", "A"}}},
                 {"use_cache", true},
                 {"hidden_dropout_prob", 0.1},
                 {"position_embedding_type", "absolute"},
                 {"gradient_checkpointing", false}});
  EXPECT_THAT(BuildModel(config.dump(), {}), IsOk());
}

TEST(ConfigTest, SilentKeysGetTheCatalogsDefaults) {
  const auto config = Parse(R"({"model_type": "nystromformer", "num_landmarks": 8})");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->Int("hidden_size"), 768);
  EXPECT_EQ(config->OptionalInt("conv_kernel_size"), 65);
  EXPECT_EQ(config->Text("hidden_act"), "gelu_new");
  EXPECT_DOUBLE_EQ(config->Real("layer_norm_eps"), 1e-5);
  EXPECT_FALSE(config->Flag("is_decoder"));
  EXPECT_EQ(config->Int("max_position_embeddings"), 40);
  EXPECT_EQ(config->quantum(), 8);
}

TEST(ConfigTest, OneWindowStandsForEveryLayer) {
  const auto config =
      Parse(R"({"model_type": "longformer", "attention_window": 4, "num_hidden_layers": 3})");
  ASSERT_THAT(config, IsOk());
  EXPECT_THAT(config->Ints("attention_window"), ::testing::ElementsAre(4, 4, 4));
}

}  // namespace
}  // namespace cusp::models
