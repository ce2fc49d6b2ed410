#include "analysis/recommend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "common/random.h"

namespace cusp::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::FieldsAre;

using Cost = std::function<double(double)>;

double Plain(double n) { return 1 + 0.01 * n + 1e-5 * n * n; }
double Linear(double n) { return 3 + 0.01 * n; }  // cheaper beyond sqrt(2e5) = 447

double Normal(Random& random) {
  const double radius = std::sqrt(-2 * std::log(1 - random.Uniform()));
  return radius * std::cos(2 * M_PI * random.Uniform());
}

// Blocks at doubling lengths with common and own noise.
std::vector<VariantCosts> Measure(const std::vector<Cost>& costs, double noise, int blocks,
                                  uint64_t seed) {
  Random random(seed);
  std::vector<VariantCosts> variants(costs.size());
  for (int64_t n = 64; n <= 2048; n *= 2) {
    std::vector<CostsAtLength> at(costs.size(), {n, {}});
    for (int block = 0; block < blocks; ++block) {
      const double common = std::exp(noise * Normal(random));
      for (size_t v = 0; v < costs.size(); ++v) {
        at[v].costs.push_back(
            {static_cast<uint32_t>(block),
             costs[v](static_cast<double>(n)) * common * std::exp(noise * Normal(random))});
      }
    }
    for (size_t v = 0; v < costs.size(); ++v) {
      variants[v].lengths.push_back(at[v]);
    }
  }
  return variants;
}

const std::vector<LengthCount> kInputs = {{100, 0.3}, {300, 0.3},   {440, 0.1},
                                          {460, 0.1}, {1000, 0.15}, {2000, 0.05}};

double Expected(const Cost& cost) {
  double sum = 0;
  for (const LengthCount& entry : kInputs) {
    sum += entry.count * cost(entry.length);
  }
  return sum;
}

double Cheaper(double n) { return std::min(Plain(n), Linear(n)); }

TEST(RecommendTest, WithoutNoiseItGivesTheTrueCostsAndChoice) {
  const Recommendation found =
      Recommend(Measure({Plain, Linear}, 0, 1, 1), kInputs, {.least_saving = 1e-4});
  EXPECT_NEAR(found.expected[0].value, Expected(Plain), 0.005 * Expected(Plain));
  EXPECT_NEAR(found.expected[1].value, Expected(Linear), 0.005 * Expected(Linear));
  EXPECT_EQ(found.best, Expected(Plain) < Expected(Linear) ? 0U : 1U);
  ASSERT_EQ(found.choices.size(), 2U);
  EXPECT_THAT(found.choices[0], FieldsAre(100, 0U));
  EXPECT_EQ(found.choices[1].variant, 1U);
  EXPECT_NEAR(found.choices[1].from, std::sqrt(2e5), 5);  // between the inputs of 440 and 460
  EXPECT_NEAR(found.by_choice.value, Expected(Cheaper), 0.005 * Expected(Cheaper));
  ASSERT_TRUE(found.saving.has_value());
  EXPECT_NEAR(found.saving->value,
              1 - Expected(Cheaper) / std::min(Expected(Plain), Expected(Linear)), 0.01);
  EXPECT_EQ(found.saving->low, found.saving->high);  // one block: nothing to draw from
}

TEST(RecommendTest, IntervalsHoldTheTruth) {
  constexpr int kRuns = 200;
  int expected = 0;
  int relative = 0;
  int saving = 0;
  const double truth = Expected(Linear);
  const double ratio = Expected(Plain) / truth;
  for (int seed = 0; seed < kRuns; ++seed) {
    const Recommendation found =
        Recommend(Measure({Plain, Linear}, 0.03, 8, static_cast<uint64_t>(seed)), kInputs, {});
    ASSERT_EQ(found.best, 1U);
    expected += static_cast<int>(found.expected[1].low <= truth && truth <= found.expected[1].high);
    relative += static_cast<int>(found.relative[0].low <= ratio && ratio <= found.relative[0].high);
    const double saved = 1 - Expected(Cheaper) / truth;
    saving += static_cast<int>(found.saving->low <= saved && saved <= found.saving->high);
  }
  // 95 % wanted; three standard deviations of 200 runs are 4.6 %.
  EXPECT_GE(expected, kRuns * 90 / 100);
  EXPECT_GE(relative, kRuns * 90 / 100);
  EXPECT_GE(saving, kRuns * 90 / 100);
}

TEST(RecommendTest, ChangesThatSaveLittleAreLeftOut) {
  const Cost dented = [](double n) { return n == 128 ? 0.999 * Plain(n) : 1.001 * Plain(n); };
  const Recommendation found =
      Recommend(Measure({Plain, dented}, 0, 1, 1), {{64, 0.4}, {128, 0.2}, {256, 0.4}}, {});
  EXPECT_THAT(found.choices, ElementsAre(FieldsAre(64, 0U)));
  EXPECT_EQ(found.saving->value, 0);
}

TEST(RecommendTest, EqualVariantsGiveNoRule) {
  int rules = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    const Recommendation found =
        Recommend(Measure({Plain, Plain}, 0.1, 4, seed), kInputs, {.seed = seed});
    rules += found.choices.size() > 1 ? 1 : 0;
  }
  EXPECT_LE(rules, 5);
}

TEST(RecommendTest, OutOfMemoryIsNeverChosen) {
  std::vector<VariantCosts> variants = Measure({Plain, Linear}, 0, 1, 1);
  // The cheap one does not fit beyond 512.
  for (CostsAtLength& at : variants[1].lengths) {
    at.costs[0].cost = at.length > 512 ? HUGE_VAL : at.costs[0].cost;
  }
  const Recommendation found = Recommend(variants, kInputs, {});
  EXPECT_EQ(found.best, 0U);
  EXPECT_TRUE(std::isinf(found.expected[1].value));
  EXPECT_TRUE(std::isinf(found.relative[1].value));
  EXPECT_EQ(found.choices.back().variant, 0U);
  EXPECT_TRUE(std::isfinite(found.by_choice.value));
}

TEST(RecommendTest, WhereNoneServesAllOnlyTheRuleDoes) {
  // One fits up to 1,024 alone; the other was measured at its ends and crashed between.
  std::vector<VariantCosts> variants = Measure({Plain, Linear}, 0, 1, 1);
  variants[0].lengths.back().costs[0].cost = HUGE_VAL;
  variants[1].lengths.erase(variants[1].lengths.begin(), variants[1].lengths.end());
  const Recommendation none = Recommend(variants, {{100, 0.5}, {2000, 0.5}}, {});
  EXPECT_FALSE(none.best.has_value());
  EXPECT_FALSE(none.saving.has_value());
  EXPECT_TRUE(std::isinf(none.relative[0].value));
  EXPECT_TRUE(std::isinf(none.by_choice.value));
}

TEST(RecommendTest, SameDataGiveTheSameAnswer) {
  const auto variants = Measure({Plain, Linear}, 0.05, 8, 3);
  const Recommendation a = Recommend(variants, kInputs, {.seed = 7});
  const Recommendation b = Recommend(variants, kInputs, {.seed = 7});
  EXPECT_EQ(a.saving->low, b.saving->low);
  EXPECT_EQ(a.expected[0].high, b.expected[0].high);
}

}  // namespace
}  // namespace cusp::analysis
