#include "analysis/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/analysis/simulation.h"

namespace cusp::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct ExactRow {
  int64_t length;
  double baseline;
  double candidate;
};

ComparisonResult CompareExact(const std::vector<ExactRow>& rows) {
  std::vector<LengthData> data;
  for (const ExactRow& row : rows) {
    data.push_back({row.length, {{row.baseline, row.candidate}}});
  }
  CompareOptions options;
  options.exact = true;
  return Compare(data, options);
}

TEST(CompareExactTest, CrossingLiesBetweenNeighboursAndIsInterpolated) {
  const ComparisonResult result =
      CompareExact({{100, 1, 2}, {200, 2, 4}, {800, 8, 4}, {1600, 16, 5}});
  EXPECT_EQ(result.verdict, Verdict::kCrosses);
  ASSERT_EQ(result.crossings.size(), 1U);
  EXPECT_EQ(result.crossings[0].low, 200);
  EXPECT_EQ(result.crossings[0].high, 800);
  EXPECT_NEAR(result.crossings[0].length, 400, 1e-9);
  EXPECT_EQ(result.first->length, result.persistent->length);
  EXPECT_EQ(result.range_min, 100);
  EXPECT_EQ(result.range_max, 1600);
}

TEST(CompareExactTest, SeveralCrossingsAreAllReported) {
  const ComparisonResult result =
      CompareExact({{1, 1, 2}, {2, 2, 1}, {4, 1, 2}, {8, 2, 1}, {16, 2, 1}});
  ASSERT_EQ(result.crossings.size(), 3U);
  EXPECT_EQ(result.crossings[1].direction, Direction::kDearer);
  EXPECT_EQ(result.first->low, 1);
  EXPECT_EQ(result.persistent->low, 4);
}

TEST(CompareExactTest, OnlyDearerCrossingsLeaveBothNull) {
  const ComparisonResult result = CompareExact({{1, 2, 1}, {2, 1, 2}});
  EXPECT_EQ(result.verdict, Verdict::kCrosses);
  EXPECT_FALSE(result.first.has_value());
  EXPECT_FALSE(result.persistent.has_value());
}

TEST(CompareExactTest, FirstWithoutPersistentWhenItTurnsDearerAgain) {
  const ComparisonResult result = CompareExact({{1, 1, 2}, {2, 2, 1}, {4, 1, 2}});
  EXPECT_TRUE(result.first.has_value());
  EXPECT_FALSE(result.persistent.has_value());
}

TEST(CompareExactTest, AlwaysAndNever) {
  EXPECT_EQ(CompareExact({{1, 2, 1}, {2, 3, 1}}).verdict, Verdict::kAlways);
  EXPECT_EQ(CompareExact({{1, 1, 2}, {2, 1, 3}}).verdict, Verdict::kNever);
}

TEST(CompareExactTest, TouchingCurvesDoNotCross) {
  const ComparisonResult result = CompareExact({{1, 1, 2}, {2, 1, 1}, {4, 1, 2}});
  EXPECT_EQ(result.verdict, Verdict::kNever);
  EXPECT_THAT(result.equal_lengths, ElementsAre(2));
}

TEST(CompareExactTest, BaselineOutOfMemoryIsDearer) {
  const ComparisonResult result =
      CompareExact({{1, 1, 2}, {2, 1, 2}, {4, kInfinity, 2}, {8, kInfinity, kInfinity}});
  EXPECT_EQ(result.verdict, Verdict::kCrosses);
  EXPECT_EQ(result.first->low, 2);
  EXPECT_EQ(result.first->high, 4);
  EXPECT_EQ(result.first->length, 4);
  EXPECT_TRUE(result.persistent.has_value());
}

TEST(CompareExactTest, BothOutOfMemoryEverywhereIsUndecided) {
  EXPECT_EQ(CompareExact({{1, kInfinity, kInfinity}}).verdict, Verdict::kUndecided);
}

TEST(CompareTest, NoDataIsUndecided) {
  const ComparisonResult result = Compare({}, {});
  EXPECT_EQ(result.verdict, Verdict::kUndecided);
  EXPECT_EQ(result.range_max, 0);
}

const std::vector<int64_t> kGrid = {64, 128, 256, 512, 1024, 2048};

TEST(CompareTest, NoisySmoothCostsCrossOnce) {
  const auto data = SampleGrid({Curve(2e-3, 8e-5, 6e-8), Curve(6e-3, 1e-4, 0)}, kGrid, 12,
                               {0.01, 0.02, 0.03, 0.3}, 5);
  const ComparisonResult result = Compare(data, {});
  EXPECT_EQ(result.verdict, Verdict::kCrosses);
  ASSERT_EQ(result.crossings.size(), 1U);
  EXPECT_NEAR(result.crossings[0].length, 474, 30);
  EXPECT_LT(result.crossings[0].low, result.crossings[0].length);
  EXPECT_GT(result.crossings[0].high, result.crossings[0].length);
  EXPECT_EQ(result.blocks_used, 72);
}

TEST(CompareTest, SameDataGiveTheSameAnswer) {
  const auto data =
      SampleGrid({Curve(2e-3, 8e-5, 6e-8), Curve(6e-3, 1e-4, 0)}, kGrid, 10, {0.02}, 6);
  EXPECT_EQ(Compare(data, {}).crossings[0].low, Compare(data, {}).crossings[0].low);
}

TEST(CompareTest, AGoodModelAgainstItselfNeverCrosses) {
  int crossed = 0;
  int claimed = 0;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    const auto data = SampleGrid({Curve(2e-3, 8e-5, 6e-8), Curve(2e-3, 8e-5, 6e-8)}, kGrid, 20,
                                 {0.02, 0.02, 0.05, 0.3}, seed);
    const ComparisonResult result = Compare(data, {});
    crossed += !result.crossings.empty();
    claimed += result.verdict == Verdict::kAlways;
  }
  EXPECT_LE(crossed, 1);
  EXPECT_EQ(claimed, 0);
}

TEST(CompareTest, FewNoisyBlocksStayUndecided) {
  const auto data = SampleGrid({Curve(1e-3, 1e-5, 0), Curve(1e-3, 1e-5, 0)}, kGrid, 4, {0.3}, 1);
  const ComparisonResult result = Compare(data, {});
  EXPECT_EQ(result.verdict, Verdict::kUndecided);
  EXPECT_EQ(result.undecided_lengths.size(), kGrid.size());
  EXPECT_THAT(result.crossings, IsEmpty());
}

// Memory that is short for the one in some blocks and for the other in others.
TEST(CompareTest, OutOfMemoryOfBothInTurnsIsNoNumber) {
  const double none = std::numeric_limits<double>::infinity();
  std::vector<LengthData> data;
  for (const int64_t length : {64, 128, 256, 512}) {
    LengthData at{length, {}};
    for (int block = 0; block < 8; ++block) {
      const bool turn = length == 128;
      const double ratio = length < 128 ? 1.5 : 0.5;
      at.pairs.push_back({turn && block % 2 == 0 ? none : 1,
                          turn && block % 2 == 1 ? none : ratio + 0.001 * block});
    }
    data.push_back(at);
  }
  const ComparisonResult result = Compare(data, {});
  ASSERT_EQ(result.crossings.size(), 1U);
  EXPECT_GE(result.crossings[0].length, result.crossings[0].low);
  EXPECT_LE(result.crossings[0].length, result.crossings[0].high);
}

TEST(CompareTest, OutOfMemoryFromALengthIsACrossing) {
  const auto data = SampleGrid({OutOfMemoryFrom(Curve(1e-3, 1e-5, 0), 1024), Curve(2e-3, 2e-5, 0)},
                               kGrid, 8, {0.01}, 1);
  const ComparisonResult result = Compare(data, {});
  ASSERT_TRUE(result.persistent.has_value());
  EXPECT_EQ(result.persistent->low, 512);
  EXPECT_EQ(result.persistent->high, 1024);
}

// Equal costs under noise with heavy tails (Student's t, 4 degrees of freedom)
// that lasts from block to block, twice as strong at every other length.
class EqualCosts {
 public:
  explicit EqualCosts(uint64_t seed) : device_({}, {}, seed) {
    for (const int64_t length : {64, 128, 256, 512, 1024, 2048}) {
      data_.push_back({length, {}});
    }
  }

  const std::vector<LengthData>& NextRound() {
    for (size_t i = 0; i < data_.size(); ++i) {
      lasting_ = 0.5 * lasting_ + 0.5 * HeavyTailed();
      const double noise = lasting_ + (i % 2 == 0 ? 2 : 1) * HeavyTailed();
      data_[i].pairs.push_back({1, std::exp(0.05 * noise)});
    }
    return data_;
  }

 private:
  double HeavyTailed() {
    double squares = 0;
    for (int i = 0; i < 4; ++i) {
      squares += std::pow(device_.Normal(), 2);
    }
    return device_.Normal() / std::sqrt(squares / 4);
  }

  SimulatedDevice device_;
  double lasting_ = 0;
  std::vector<LengthData> data_;
};

TEST(ComparisonTest, LookingAfterEveryRoundAtHeavyLastingNoiseKeepsTheErrorRate) {
  int wrong = 0;
  constexpr int kRuns = 2000;
  for (uint64_t seed = 1; seed <= kRuns; ++seed) {
    EqualCosts costs(seed);
    CompareOptions options;
    options.resamples = 0;
    options.equal_within = 0;
    bool claimed = false;
    for (int round = 0; round < 30 && !claimed; ++round) {
      claimed = Compare(costs.NextRound(), options).undecided_lengths.size() < 6;
    }
    wrong += claimed ? 1 : 0;
  }
  RecordProperty("wrong", wrong);
  EXPECT_LE(wrong, 0.01 * kRuns);
}

TEST(ComparisonTest, WithoutResamplesTheIntervalIsTheBracket) {
  const auto data = SampleGrid({Curve(2e-3, 8e-5, 6e-8), Curve(6e-3, 1e-4, 0)},
                               {64, 128, 256, 512, 1024, 2048}, 12, {0.01}, 1);
  CompareOptions options;
  options.resamples = 0;
  const ComparisonResult result = Compare(data, options);
  ASSERT_EQ(result.crossings.size(), 1U);
  EXPECT_EQ(result.crossings[0].low, static_cast<double>(result.brackets[0].first));
  EXPECT_EQ(result.crossings[0].high, static_cast<double>(result.brackets[0].second));
}

ComparisonResult CompareWithin(double resolution, const std::vector<ExactRow>& rows) {
  std::vector<LengthData> data;
  for (const ExactRow& row : rows) {
    data.push_back({row.length, {{row.baseline, row.candidate}}});
  }
  CompareOptions options;
  options.exact = true;
  options.resolution = resolution;
  return Compare(data, options);
}

TEST(CompareExactTest, WhatIsBelowTheResolutionIsEqual) {
  const ComparisonResult apart = CompareWithin(3, {{1, 100, 102}, {2, 200, 198}, {4, 400, 401}});
  EXPECT_EQ(apart.verdict, Verdict::kNever);
  EXPECT_TRUE(apart.crossings.empty());
  EXPECT_EQ(apart.equal_lengths.size(), 3U);
  const ComparisonResult crossed = CompareWithin(3, {{1, 100, 105}, {2, 200, 199}, {4, 400, 390}});
  ASSERT_EQ(crossed.crossings.size(), 1U);
  EXPECT_EQ(crossed.crossings[0].low, 1);
  EXPECT_EQ(crossed.crossings[0].high, 4);
}

TEST(CompareExactTest, WithAResolutionAnEqualEndIsNoTouch) {
  EXPECT_EQ(CompareWithin(0, {{1, 100, 100}, {2, 200, 150}}).verdict, Verdict::kAlways);
  EXPECT_EQ(CompareWithin(3, {{1, 100, 100}, {2, 200, 150}}).verdict, Verdict::kUndecided);
  EXPECT_EQ(CompareWithin(3, {{1, 100, 90}, {2, 200, 150}}).verdict, Verdict::kAlways);
}

// Twenty ratios at each length, within ± `spread` of the given one.
ComparisonResult CompareNoisy(const std::vector<std::pair<int64_t, double>>& ratios,
                              double spread) {
  std::vector<LengthData> data;
  for (const auto& [length, ratio] : ratios) {
    LengthData at{.length = length, .pairs = {}};
    for (int i = 0; i < 20; ++i) {
      at.pairs.push_back({1, ratio * (1 + spread * (i % 5 - 2) / 2)});
    }
    data.push_back(std::move(at));
  }
  return Compare(data, CompareOptions());
}

TEST(CompareTest, UnclearLengthBehindACrossingWidensItsBracket) {
  // Too bent for a fit. At 448 the order may have changed back.
  const std::vector<std::pair<int64_t, double>> ratios = {
      {64, 3}, {128, 1.2}, {320, 1.26}, {384, 0.87}, {448, 1.01}, {512, 0.67}, {576, 0.82}};
  const ComparisonResult result = CompareNoisy(ratios, 0.1);
  ASSERT_EQ(result.crossings.size(), 1U);
  ASSERT_THAT(result.undecided_lengths, ::testing::ElementsAre(448));
  EXPECT_EQ(result.brackets[0], (std::pair<int64_t, int64_t>(320, 384)));
  EXPECT_EQ(result.persistent->low, 320);
  EXPECT_EQ(result.persistent->high, 512);
  EXPECT_EQ(result.located[0].high, 384);
}

TEST(CompareTest, SureLengthsBehindACrossingDoNot) {
  const ComparisonResult result = CompareNoisy(
      {{64, 3}, {128, 1.2}, {320, 1.26}, {384, 0.87}, {448, 0.9}, {512, 0.67}, {576, 0.82}}, 0.02);
  EXPECT_EQ(result.persistent->high, 384);
}

}  // namespace
}  // namespace cusp::analysis
