#include "client/cli/recommend_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace cusp::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Recommendations Some() {
  Recommendations some;
  some.unit = v1::LENGTH_UNIT_TOKENS;
  GroupRecommendation& group = some.groups.emplace_back();
  group.group = {.metric = "latency", .mode = "inference", .dtype = "float32", .batch_size = "1"};
  group.variants = {"bert", "longformer"};
  group.range_min = 64;
  group.range_max = 2048;
  group.batch_size = 8;
  group.measured_batch_size = 8;
  group.found.expected = {{0.0123, 0.012, 0.0126}, {0.01, 0.0098, 0.0102}};
  group.found.relative = {{1.23, 1.2, 1.26}, {1, 1, 1}};
  group.found.best = 1;
  group.found.choices = {{64, 0}, {480, 1}};
  group.found.by_choice = {0.009, 0.0089, 0.0091};
  group.found.saving = analysis::Estimate{0.1, 0.09, 0.11};
  return some;
}

TEST(RecommendTextTest, CheapestComesFirst) {
  const std::string text = RenderRecommendations(Some(), analysis::Batching::kNone);
  EXPECT_LT(text.find("longformer"), text.find("bert"));
  EXPECT_THAT(
      text,
      AllOf(
          HasSubstr("latency, inference, float32, measured in batches of 8; each input at its own"),
          HasSubstr("10.0 ms (9.80 ms–10.2 ms)"), HasSubstr("best"), HasSubstr("+23 % (20–26)")));
}

TEST(RecommendTextTest, ChoiceIsARuleWithItsSaving) {
  EXPECT_THAT(
      RenderRecommendations(Some(), analysis::Batching::kLongest),
      AllOf(HasSubstr("batches of 8 padded to their longest input"),
            HasSubstr("by the length that is padded to: bert below 480, longformer from there on"),
            HasSubstr("saves 10 % (9.0–11) of longformer alone"), Not(HasSubstr("note"))));
}

TEST(RecommendTextTest, OneChoiceServesAll) {
  Recommendations some = Some();
  some.groups[0].found.choices = {{64, 1}};
  EXPECT_THAT(RenderRecommendations(some, analysis::Batching::kBucketed),
              AllOf(HasSubstr("longformer at all lengths"), Not(HasSubstr("saves"))));
}

TEST(RecommendTextTest, OtherBatchesThanMeasuredAreTold) {
  Recommendations some = Some();
  some.groups[0].measured_batch_size = 1;
  EXPECT_THAT(RenderRecommendations(some, analysis::Batching::kLongest),
              HasSubstr("an input in a batch of 8 is taken to cost what one in a batch of 1 does"));
}

TEST(RecommendTextTest, DecodingPaysForTokens) {
  Recommendations some = Some();
  some.groups[0].group.mode = "decode";
  EXPECT_THAT(RenderRecommendations(some, analysis::Batching::kNone), HasSubstr("a token costs"));
}

TEST(RecommendTextTest, WhereNoneServesAllTheRuleSaysSo) {
  Recommendations some = Some();
  some.groups[0].found.best.reset();
  some.groups[0].found.saving.reset();
  EXPECT_THAT(RenderRecommendations(some, analysis::Batching::kNone),
              AllOf(HasSubstr("no variant alone has the memory for all"), Not(HasSubstr("saves"))));
}

TEST(RecommendTextTest, OneBlockHasNoInterval) {
  Recommendations some = Some();
  some.groups[0].found.expected[1] = {0.01, 0.01, 0.01};
  EXPECT_THAT(RenderRecommendations(some, analysis::Batching::kNone), Not(HasSubstr("10.0 ms (")));
}

TEST(RecommendTextTest, SeveralChangesStandInOrder) {
  Recommendations some = Some();
  some.groups[0].found.choices = {{64, 0}, {480, 1}, {1000, 0}};
  EXPECT_THAT(RenderRecommendations(some, analysis::Batching::kNone),
              HasSubstr("bert below 480, longformer up to 1,000, bert from there on"));
}

TEST(RecommendTextTest, InputsOutsideTheRangeAndOutOfMemoryAreTold) {
  Recommendations some = Some();
  some.groups[0].longer = 0.03;
  some.groups[0].shorter = 0.5;
  some.groups[0].found.expected[0] = {HUGE_VAL, HUGE_VAL, HUGE_VAL};
  some.groups[0].found.relative[0] = {HUGE_VAL, HUGE_VAL, HUGE_VAL};
  EXPECT_THAT(
      RenderRecommendations(some, analysis::Batching::kNone),
      AllOf(HasSubstr("3.0 % of the inputs are longer than 2,048"),
            HasSubstr("50 % are shorter than 64"), HasSubstr("oom"), HasSubstr("does not fit")));
}

TEST(RecommendTextTest, WhatIsNotSurelyDearerIsNamed) {
  Recommendations some = Some();
  analysis::Recommendation& found = some.groups[0].found;
  found.choices = {{64, 1}};
  EXPECT_THAT(RenderRecommendations(some, analysis::Batching::kNone), Not(HasSubstr("surely")));
  found.relative[0] = {1.007, 0.92, 1.1};
  EXPECT_THAT(RenderRecommendations(some, analysis::Batching::kNone),
              HasSubstr("note: not surely cheaper than bert; more blocks would tell"));
  found.relative[0] = {1.085, 1.085, 1.085};
  EXPECT_THAT(RenderRecommendations(some, analysis::Batching::kNone),
              HasSubstr("one value a length tells nothing of its noise"));
  some.groups[0].group.exact = true;
  EXPECT_THAT(RenderRecommendations(some, analysis::Batching::kNone), Not(HasSubstr("note")));
}

}  // namespace
}  // namespace cusp::client
