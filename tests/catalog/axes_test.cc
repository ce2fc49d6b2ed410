#include "catalog/axes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "catalog/catalog.h"
#include "catalog/config.h"

namespace cusp::catalog {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ConfigOutcome Complete(const char* model, std::string_view axes) {
  ConfigRequest request;
  request.model = FindModel(model);
  request.preset = FindPreset("base");
  request.axes_json = axes;
  request.longest_length = 64;
  return CompleteConfigOf(request);
}

nlohmann::json PrunedBase(const char* model, const std::string& fraction) {
  const ConfigOutcome outcome = Complete(model, R"({"prune": )" + fraction + "}");
  EXPECT_THAT(outcome.faults, IsEmpty());
  return Pruned(*FindModel(model), nlohmann::json::parse(outcome.config.json));
}

double FlopsOf(const char* model, std::string_view axes, Pass pass) {
  CostTally tally({.length = 64, .pass = pass});
  AddCost(*FindModel(model), nlohmann::json::parse(Complete(model, axes).config.json), tally);
  return tally.Total().flops;
}

TEST(AxesTest, HeadsAreWholeAndRowsMultiplesOfEight) {
  const Pruning third = {.fraction = 0.3};
  EXPECT_EQ(third.Heads(12), 9);
  EXPECT_EQ(third.Heads(10), 7);
  EXPECT_EQ(third.Heads(2), 2);
  EXPECT_EQ(third.Rows(3072), 2152);
  EXPECT_EQ(third.Rows(80), 56);
  EXPECT_EQ(third.Rows(5), 5);
  const Pruning nearly_all = {.fraction = 0.99};
  EXPECT_EQ(nearly_all.Heads(12), 1);
  EXPECT_EQ(nearly_all.Heads(1), 1);
  EXPECT_EQ(nearly_all.Rows(3072), 32);
  EXPECT_EQ(nearly_all.Rows(1), 1);
}

TEST(AxesTest, PruningKeepsTheSizeOfAHead) {
  const auto bert = PrunedBase("bert", "0.5");
  EXPECT_EQ(bert["num_attention_heads"], 6);
  EXPECT_EQ(bert["head_dim"], 64);
  EXPECT_EQ(bert["hidden_size"], 768);
  EXPECT_EQ(bert["intermediate_size"], 1536);
  EXPECT_FALSE(bert.contains("prune"));
  EXPECT_EQ(Pruned(*FindModel("bert"), bert), bert);
}

TEST(AxesTest, HeadsThatShareKeysGoTogether) {
  const auto mistral = PrunedBase("mistral", "0.4");
  EXPECT_EQ(mistral["num_key_value_heads"], 2);
  EXPECT_EQ(mistral["num_attention_heads"], 8);
  EXPECT_EQ(mistral["head_dim"], 64);
}

TEST(AxesTest, SharedLayersAreCountedOnce) {
  const double one = 4 * (768.0 * 768 + 768) + 2 * 768.0 * 3072 + 3072 + 768 + 4 * 768;
  EXPECT_DOUBLE_EQ(Complete("bert", "").config.parameters -
                       Complete("bert", R"({"share_layers": true})").config.parameters,
                   11 * one);
  EXPECT_EQ(FlopsOf("bert", R"({"share_layers": true})", Pass::kTraining),
            FlopsOf("bert", "", Pass::kTraining));
}

// albert's projection of the embeddings is no part of its layers.
TEST(AxesTest, CheckpointingAddsOneForwardPassOfTheLayers) {
  const double forward = FlopsOf("albert", "", Pass::kInference);
  const double projection = 2.0 * 64 * 128 * 768;
  EXPECT_DOUBLE_EQ(FlopsOf("albert", R"({"checkpointing": true})", Pass::kTraining),
                   4 * forward - projection);
  EXPECT_EQ(FlopsOf("albert", R"({"checkpointing": true})", Pass::kInference), forward);
}

TEST(AxesTest, FaultsSayWhereAndWhy) {
  const ConfigOutcome none = Complete("universal_transformer", R"({"share_layers": true})");
  ASSERT_EQ(none.faults.size(), 1U);
  EXPECT_EQ(none.faults[0].part, ConfigPart::kAxes);
  EXPECT_EQ(none.faults[0].fault.key, "share_layers");
  EXPECT_THAT(
      none.faults[0].fault.message,
      AllOf(HasSubstr("does not apply to"), HasSubstr("one layer"), HasSubstr("leave it out")));
  const ConfigOutcome all = Complete("bert", R"({"prune": 1.0})");
  ASSERT_EQ(all.faults.size(), 1U);
  EXPECT_THAT(all.faults[0].fault.message, HasSubstr("0 to 0.99"));
}

TEST(AxesTest, ModelWithoutRulesHasNoAxes) {
  Model model;
  model.name = "plain";
  EXPECT_THAT(AxesOf(model), IsEmpty());
  for (const auto* config :
       {R"({"share_layers": true})", R"({"prune": 0.5})", R"({"checkpointing": true})"}) {
    const auto fault = CheckAxes(model, nlohmann::json::parse(config));
    ASSERT_TRUE(fault.has_value()) << config;
    EXPECT_THAT(fault->message, HasSubstr(" does not apply to plain: this version does not build "
                                          "the model with it; leave it out"));
  }
}

TEST(AxesTest, AxesThatAreOffAreNone) {
  EXPECT_THAT(Complete("universal_transformer",
                       R"({"share_layers": false, "prune": 0, "checkpointing": false})")
                  .faults,
              IsEmpty());
  EXPECT_THAT(AxesOf(*FindModel("universal_transformer")), ElementsAre("prune", "checkpointing"));
  EXPECT_THAT(AxesOf(*FindModel("bert")), ElementsAre("share_layers", "prune", "checkpointing"));
}

}  // namespace
}  // namespace cusp::catalog
