#include "client/lib/recommend_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace cusp::client {
namespace {

Recommendations Some() {
  Recommendations some;
  some.unit = v1::LENGTH_UNIT_SECONDS;
  GroupRecommendation& group = some.groups.emplace_back();
  group.group = {.metric = "latency", .mode = "inference", .dtype = "float32", .batch_size = "1"};
  group.variants = {"plain", "other"};
  group.range_min = 16'000;
  group.range_max = 40'000;
  group.longer = 0.25;
  group.batch_size = 8;
  group.found.expected = {{HUGE_VAL, HUGE_VAL, HUGE_VAL}, {0.5, 0.4, 0.6}};
  group.found.relative = {{HUGE_VAL, HUGE_VAL, HUGE_VAL}, {1, 1, 1}};
  group.found.best = 1;
  group.found.choices = {{16'000, 0}, {24'000, 1}};
  group.found.by_choice = {0.3, 0.2, 0.4};
  group.found.saving = analysis::Estimate{0.4, 0.3, 0.5};
  return some;
}

TEST(RecommendJsonTest, LengthsAreInTheUnitAndOutOfMemoryIsNull) {
  const auto json = ToJson(Some(), analysis::Batching::kNone);
  EXPECT_EQ(json["unit"], "seconds");
  const auto& group = json["recommendations"][0];
  EXPECT_EQ(group["batching"], "none");
  EXPECT_EQ(group["batch_size"], 8);
  EXPECT_EQ(group["measured_batch_size"], 1);
  EXPECT_EQ(group["range"], nlohmann::json({1, 2.5}));
  EXPECT_EQ(group["longer_share"], 0.25);
  EXPECT_TRUE(group["costs"][0]["expected"].is_null());
  EXPECT_EQ(group["costs"][1]["high"], 0.6);
  EXPECT_EQ(group["costs"][1]["relative"]["value"], 1.0);
  EXPECT_EQ(group["best"], "other");
  EXPECT_EQ(group["choices"][1]["from"], 1.5);
  EXPECT_EQ(group["choices"][1]["variant"], "other");
  EXPECT_EQ(group["by_choice"]["expected"], 0.3);
  EXPECT_EQ(group["saving"]["low"], 0.3);
}

TEST(RecommendJsonTest, WhereNoVariantServesAllThereIsNoBest) {
  Recommendations some = Some();
  some.groups[0].found.best.reset();
  some.groups[0].found.saving.reset();
  const auto json = ToJson(some, analysis::Batching::kLongest);
  EXPECT_TRUE(json["recommendations"][0]["best"].is_null());
  EXPECT_TRUE(json["recommendations"][0]["saving"].is_null());
}

TEST(RecommendJsonTest, BatchingsHaveTheNamesOfTheFlag) {
  EXPECT_EQ(ToText(analysis::Batching::kBucketed), "bucketed");
  EXPECT_EQ(ToText(analysis::Batching::kLongest), "longest");
}

}  // namespace
}  // namespace cusp::client
