#include "client/lib/recommend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace cusp::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<Recommendations> From(const std::string& csv, const RecommendRequest& request) {
  const absl::StatusOr<CostTable> table = ParseCostCsv(csv, "f.csv");
  EXPECT_THAT(table, IsOk());
  return RecommendFrom(*table, "f.csv", request);
}

const std::string kCosts =
    "variant,length,value\n"
    "plain,64,1\nplain,256,2\nplain,1024,20\n"
    "other,64,3\nother,256,4\nother,1024,8\n";

TEST(RecommendFromTest, EachInputCostsWhatItsLengthDoes) {
  const auto found = From(kCosts, {.inputs = {{64, 3}, {1024, 1}}});
  ASSERT_THAT(found, IsOk());
  const GroupRecommendation& group = found->groups[0];
  EXPECT_THAT(group.variants, ElementsAre("plain", "other"));
  EXPECT_NEAR(group.found.expected[0].value, (3 * 1 + 20) / 4.0, 1e-9);
  EXPECT_NEAR(group.found.expected[1].value, (3 * 3 + 8) / 4.0, 1e-9);
  EXPECT_EQ(group.found.best, 1U);
  EXPECT_NEAR(group.found.by_choice.value, (3 * 1 + 8) / 4.0, 1e-9);
  EXPECT_EQ(group.found.choices.size(), 2U);
}

TEST(RecommendFromTest, BatchesShareTheirCost) {
  const std::string csv =
      "variant,length,value,batch_size,metric\n"
      "a,64,8,4,latency\na,128,16,4,latency\n"
      "a,64,0.5,4,throughput\na,128,0.25,4,throughput\n";
  const auto found = From(csv, {.inputs = {{64, 1}}});
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->groups.size(), 2U);
  EXPECT_NEAR(found->groups[0].found.expected[0].value, 2, 1e-9);
  EXPECT_NEAR(found->groups[1].found.expected[0].value, 2, 1e-9);
  EXPECT_EQ(found->groups[0].batch_size, 4);
}

TEST(RecommendFromTest, PaddingToTheLongestTakesTheJobsBatchUnlessTold) {
  const std::string csv = "variant,length,value,batch_size\na,64,8,2\na,128,16,2\n";
  RecommendRequest request{.inputs = {{64, 1}, {128, 1}}, .batching = analysis::Batching::kLongest};
  // Three of four pairs hold a long one.
  const auto of_two = From(csv, request);
  ASSERT_THAT(of_two, IsOk());
  EXPECT_NEAR(of_two->groups[0].found.expected[0].value, (4 + 3 * 8) / 4.0, 1e-9);
  request.batch_size = 1;
  const auto of_one = From(csv, request);
  ASSERT_THAT(of_one, IsOk());
  EXPECT_NEAR(of_one->groups[0].found.expected[0].value, (4 + 8) / 2.0, 1e-9);
}

TEST(RecommendFromTest, BucketsDoubleUnlessTold) {
  RecommendRequest request{.inputs = {{65, 1}, {1024, 1}},
                           .batching = analysis::Batching::kBucketed};
  const auto doubling = From(kCosts, request);
  ASSERT_THAT(doubling, IsOk());
  EXPECT_EQ(doubling->groups[0].lengths[0].length, 128);
  request.bucket_ends = {256};
  const auto told = From(kCosts, request);
  ASSERT_THAT(told, IsOk());
  EXPECT_EQ(told->groups[0].lengths[0].length, 256);
}

TEST(RecommendFromTest, InputsOutsideTheMeasuredRangeAreTold) {
  const auto found = From(kCosts, {.inputs = {{10, 1}, {64, 1}, {2000, 2}}});
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->groups[0].shorter, 0.25);
  EXPECT_EQ(found->groups[0].longer, 0.5);
  EXPECT_NEAR(found->groups[0].found.expected[0].value, 1, 1e-9);
  EXPECT_THAT(
      From(kCosts, {.inputs = {{2000, 1}}}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("every input is longer than 1024")));
}

TEST(RecommendFromTest, MemoryDoesNotAddUp) {
  const std::string head = "variant,length,value,metric\n";
  EXPECT_THAT(From(head + "a,64,1,peak_memory\na,128,2,peak_memory\n", {.inputs = {{64, 1}}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("peak_memory, inference, float32: does not add up")));
  const auto beside = From(head + "a,64,1,peak_memory\na,64,1,latency\n", {.inputs = {{64, 1}}});
  ASSERT_THAT(beside, IsOk());
  EXPECT_EQ(beside->groups.size(), 1U);
  EXPECT_EQ(beside->warnings.size(), 1U);
}

TEST(RecommendFromTest, RunningOutOfMemoryEndsOneVariantOnly) {
  const std::string csv =
      "variant,length,value\na,64,1\na,128,2\na,256,oom\nb,64,3\nb,128,4\nb,256,6\n";
  const auto found = From(csv, {.inputs = {{64, 1}, {200, 1}}});
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->groups[0].range_max, 256);
  EXPECT_EQ(found->groups[0].found.best, 1U);
  EXPECT_EQ(found->groups[0].found.choices.size(), 2U);
}

TEST(RecommendFromTest, WhatFitsNowhereIsLeftOut) {
  const std::string csv =
      "variant,length,value\na,64,1\na,128,2\na,256,oom\nb,64,3\nb,128,oom\nb,256,oom\n";
  const auto found = From(csv, {.inputs = {{64, 3}, {200, 1}}});
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->groups[0].range_max, 128);
  EXPECT_EQ(found->groups[0].longer, 0.25);
  EXPECT_EQ(found->groups[0].found.best, 0U);
}

TEST(RecommendFromTest, VariantsWithoutACommonLengthAreLeftOut) {
  EXPECT_THAT(From("variant,length,value\na,64,1\nb,128,2\n", {.inputs = {{64, 1}}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("no length at which every variant was measured")));
}

TEST(RecommendFromTest, ModelsPaddingCountsThoughTheTablesLengthsHideIt) {
  RecommendRequest request{.inputs = {{65, 1}}};
  request.paddings["a"] = {.quantum = 32};
  const std::string costs = "variant,length,value,mode\na,64,1,MODE\na,96,5,MODE\na,128,6,MODE\n";
  const auto with_mode = [&](const std::string& mode) {
    std::string csv = costs;
    for (size_t at = csv.find("MODE"); at != std::string::npos; at = csv.find("MODE")) {
      csv.replace(at, 4, mode);
    }
    const auto found = From(csv, request);
    EXPECT_THAT(found, IsOk());
    return found->groups[0].found.expected[0].value;
  };
  EXPECT_NEAR(with_mode("inference"), 5, 1e-9);
  EXPECT_LT(with_mode("decode"), 2);  // single tokens are not padded
}

TEST(RecommendFromTest, PaddingOfTheJobIsUsed) {
  const auto found = From("variant,length,value,padding_quantum\na,100,5,128\na,256,9,128\n",
                          {.inputs = {{128, 1}}});
  ASSERT_THAT(found, IsOk());
  EXPECT_NEAR(found->groups[0].found.expected[0].value, 5, 1e-9);
}

}  // namespace
}  // namespace cusp::client
