#include "catalog/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace cusp::catalog {
namespace {

using ::testing::HasSubstr;

ConfigRequest Request(std::string_view model, std::string_view overrides = "") {
  ConfigRequest request;
  request.model = FindModel(model);
  request.preset = FindPreset("small");
  request.overrides_json = overrides;
  request.longest_length = 1000;
  return request;
}

std::string FirstFault(const ConfigRequest& request) {
  const ConfigOutcome outcome = CompleteConfigOf(request);
  return outcome.faults.empty() ? "" : outcome.faults[0].fault.message;
}

nlohmann::json Completed(const ConfigRequest& request) {
  const ConfigOutcome outcome = CompleteConfigOf(request);
  EXPECT_TRUE(outcome.faults.empty()) << FirstFault(request);
  return nlohmann::json::parse(outcome.config.json, nullptr, false);
}

TEST(ConfigTest, PresetFamilyAndOverridesComeTogether) {
  const auto config = Completed(Request("bert", R"({"vocab_size": 1000})"));
  EXPECT_EQ(config["model_type"], "bert");
  EXPECT_EQ(config["hidden_size"], 256);
  EXPECT_EQ(config["vocab_size"], 1000);
  EXPECT_EQ(config["hidden_act"], "gelu");
  EXPECT_EQ(config["max_position_embeddings"], 1000);
}

TEST(ConfigTest, WithoutPresetTheFamilysShapeCounts) {
  ConfigRequest request = Request("bert");
  request.preset = nullptr;
  EXPECT_EQ(Completed(request)["hidden_size"], 768);
}

struct BadValue {
  const char* overrides;
  const char* message;
};

class ConfigValueTest : public ::testing::TestWithParam<BadValue> {};

TEST_P(ConfigValueTest, IsRefusedWithARemedy) {
  EXPECT_THAT(FirstFault(Request("longformer", GetParam().overrides)),
              HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Bad, ConfigValueTest,
    ::testing::Values(
        BadValue{R"({"hidden_size": "256"})", "hidden_size is '256'; write an integer"},
        BadValue{R"({"hidden_size": 2.5})", "write an integer"},
        BadValue{R"({"hidden_size": null})", "write an integer"},
        BadValue{R"({"num_attention_heads": 0})", "num_attention_heads is '0'; use 1 to 100000"},
        BadValue{R"({"num_hidden_layers": 1000000000})", "use 1 to 10000"},
        BadValue{R"({"num_hidden_layers": -1})", "use 1 to 10000"},
        BadValue{R"({"vocab_size": 18446744073709551615})", "use 4 to 100000000"},
        BadValue{R"({"layer_norm_eps": 0})", "layer_norm_eps is '0'"},
        BadValue{R"({"hidden_act": "swiglu"})", "use one of: gelu"},
        BadValue{R"({"is_decoder": 1})", "write a boolean (true or false)"},
        BadValue{R"({"num_attention_heads": 3})", "not a multiple of num_attention_heads 3"},
        BadValue{R"({"pad_token_id": 40000})", "outside the vocabulary"},
        BadValue{R"({"attention_window": 7})", "is odd"},
        BadValue{R"({"attention_window": 0})", "use 2 to"},
        BadValue{R"({"attention_window": [128, 128]})", "2 windows for 4 layers"},
        BadValue{R"({"attention_window": [8, 8, 8, 7]})", "is odd"},
        BadValue{R"({"attention_window": []})", "is an empty list; give at least one value"},
        BadValue{R"({"attention_window": ["a"]})", "an integer or a list of integers"},
        BadValue{R"({"attention_window": 2048})", "larger than 1000, the longest input"},
        BadValue{R"({"hidden_size": 1000000, "num_hidden_layers": 10000,
                    "num_attention_heads": 1})",
                 "GB in float32; make the model smaller"},
        BadValue{R"({"model_type": "bert"})", "but the model is longformer"},
        BadValue{"[1]", "no JSON object"}, BadValue{"{", "no valid JSON"},
        BadValue{R"({"a": 1e999})", "no valid JSON"},
        BadValue{R"({"vocab_size": 9, "vocab_size": 9})", "holds the key 'vocab_size' twice"}));

TEST(ConfigTest, DeepNestingIsRefusedWithoutRecursion) {
  const std::string deep = "{\"a\":" + std::string(60'000, '[') + "}";
  EXPECT_THAT(FirstFault(Request("bert", deep)), HasSubstr("deeper than 16"));
}

TEST(ConfigTest, HugeTextIsRefused) {
  EXPECT_THAT(FirstFault(Request("bert", std::string(70'000, ' '))), HasSubstr("64 KiB"));
}

TEST(ConfigTest, PositionsAreExtendedOnRequestOnly) {
  ConfigRequest request = Request("bert", R"({"max_position_embeddings": 512})");
  ConfigOutcome outcome = CompleteConfigOf(request);
  EXPECT_EQ(outcome.config.limits.max, 512);
  EXPECT_FALSE(outcome.config.extended);
  request.extend_positions = true;
  outcome = CompleteConfigOf(request);
  EXPECT_EQ(outcome.config.limits.max, 1000);
  EXPECT_TRUE(outcome.config.extended);
}

TEST(ConfigTest, FaultKnowsWhichTextItStandsIn) {
  ConfigRequest request = Request("bert", R"({"num_attention_heads": 7})");
  request.base_json = R"({"model_type": "bert", "hidden_size": 64, "intermediate_size": 0})";
  ConfigOutcome outcome = CompleteConfigOf(request);
  ASSERT_EQ(outcome.faults.size(), 1U);
  EXPECT_EQ(outcome.faults[0].part, ConfigPart::kBase);
  request.base_json = R"({"model_type": "bert", "hidden_size": 64})";
  outcome = CompleteConfigOf(request);
  ASSERT_EQ(outcome.faults.size(), 1U);
  EXPECT_EQ(outcome.faults[0].part, ConfigPart::kOverrides);
  EXPECT_EQ(outcome.faults[0].fault.key, "num_attention_heads");
}

TEST(ParseConfigObjectTest, InfinityIsTheLargestNumber) {
  const auto object = ParseConfigObject(
      R"({"a": [0, Infinity], "b": {"__float__": "Infinity"}, "c": "\"Infinity"})");
  ASSERT_TRUE(object.ok());
  EXPECT_EQ((*object)["a"][1], std::numeric_limits<double>::max());
  EXPECT_EQ((*object)["b"], std::numeric_limits<double>::max());
  EXPECT_EQ((*object)["c"], "\"Infinity");
}

}  // namespace
}  // namespace cusp::catalog
