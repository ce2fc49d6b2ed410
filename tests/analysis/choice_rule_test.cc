#include "analysis/choice_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace cusp::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::FieldsAre;

std::vector<Stretch> Rule(const CostMatrix& costs, const std::vector<CostMatrix>& draws,
                          double least_saving = 0.005) {
  std::vector<StretchSums> sums;
  for (const CostMatrix& draw : draws) {
    sums.emplace_back(draw);
  }
  return ChoiceRule(costs, StretchSums(costs), sums, least_saving);
}

TEST(StretchSumsTest, AddsUpAndKnowsInfinity) {
  const StretchSums sums({{1, 2, 4}, {1, HUGE_VAL, 1}});
  EXPECT_EQ(sums.Of(0, 1, 3), 6);
  EXPECT_EQ(sums.All(0), 7);
  EXPECT_EQ(sums.Of(1, 2, 3), 1);
  EXPECT_EQ(sums.Of(1, 2, 2), 0);
  EXPECT_TRUE(std::isinf(sums.All(1)));
}

TEST(ChoiceRuleTest, TakesTheCheapestOfEachLength) {
  const CostMatrix costs = {{1, 2, 9}, {3, 4, 5}};
  EXPECT_THAT(Rule(costs, {costs}), ElementsAre(FieldsAre(0U, 0U), FieldsAre(2U, 1U)));
}

TEST(ChoiceRuleTest, ChangesThatSaveLittleAreLeftOut) {
  const CostMatrix costs = {{10, 10, 10}, {11, 9.99, 11}};
  EXPECT_THAT(Rule(costs, {costs}), ElementsAre(FieldsAre(0U, 0U)));
  EXPECT_EQ(Rule(costs, {costs}, 1e-6).size(), 3U);
}

TEST(ChoiceRuleTest, ChangesThatOnlySeemToSaveAreLeftOut) {
  const CostMatrix costs = {{10, 10}, {11, 8}};
  const CostMatrix other = {{10, 8}, {11, 10}};  // as it might have come out
  EXPECT_EQ(Rule(costs, {costs, costs, costs}).size(), 2U);
  EXPECT_THAT(Rule(costs, {costs, other}), ElementsAre(FieldsAre(0U, 1U)));
}

TEST(ChoiceRuleTest, SecondEverywhereMayBeTheBestForAll) {
  // Each change between the first two is too small to keep; the third is cheapest nowhere.
  const CostMatrix costs = {{1, 5, 1, 5, 1, 5}, {5, 1, 5, 1, 5, 1}, {2, 2, 2, 2, 2, 2}};
  const CostMatrix swapped = {costs[1], costs[0], costs[2]};
  EXPECT_THAT(Rule(costs, {costs, swapped}), ElementsAre(FieldsAre(0U, 2U)));
}

TEST(ChoiceRuleTest, WhatDoesNotFitIsNotTaken) {
  const CostMatrix costs = {{1, 1, HUGE_VAL}, {5, 5, 5}};
  EXPECT_THAT(Rule(costs, {costs}), ElementsAre(FieldsAre(0U, 0U), FieldsAre(2U, 1U)));
}

}  // namespace
}  // namespace cusp::analysis
