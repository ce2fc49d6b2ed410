#include "analysis/hidden_stretch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace cusp::analysis {
namespace {

// Crosses at 975, is dearer again from 1,024 to 1,058.
const CostCurve kBaseline{{2e-3, 8e-5, 6e-8}, {}};
const CostCurve kCandidate{{4e-3, 1.3e-4, 0}, {.quantum = 128}};
constexpr double kEqual = 0.01;

std::vector<LengthSummary> Signs(const std::vector<std::pair<int64_t, Sign>>& signs) {
  std::vector<LengthSummary> summaries;
  for (const auto& [length, sign] : signs) {
    summaries.push_back({length, sign, 0});
  }
  return summaries;
}

std::vector<HiddenStretch> Find(const std::vector<LengthSummary>& summaries,
                                double equal = kEqual) {
  const std::vector<Bracket> brackets = FindBrackets(summaries);
  std::vector<Crossing> crossings;
  for (const Bracket& bracket : brackets) {
    const auto low = static_cast<double>(summaries[bracket.before].length);
    const auto high = static_cast<double>(summaries[bracket.after].length);
    crossings.push_back({(low + high) / 2, low, high, bracket.direction});
  }
  return FindHidden(crossings, brackets, summaries, kBaseline, kCandidate, equal);
}

TEST(HiddenStretchTest, StretchWithoutASureSignIsFoundBehindItsCrossing) {
  const auto hidden = Find(Signs({{64, Sign::kDearer},
                                  {892, Sign::kDearer},
                                  {960, Sign::kDearer},
                                  {1024, Sign::kCheaper},
                                  {1040, Sign::kUnclear},
                                  {1200, Sign::kCheaper},
                                  {4096, Sign::kCheaper}}));
  ASSERT_EQ(hidden.size(), 1U);
  EXPECT_TRUE(hidden[0].behind);
  EXPECT_EQ(hidden[0].crossing, 0U);
  EXPECT_NEAR(hidden[0].low, 1024, 1);
  EXPECT_NEAR(hidden[0].high, 1058, 1);
  EXPECT_EQ(hidden[0].sure_before, 1024);
  EXPECT_EQ(hidden[0].sure_after, 1200);
}

TEST(HiddenStretchTest, StretchThatWasSeenIsNot) {
  for (const Sign seen : {Sign::kCheaper, Sign::kDearer}) {
    EXPECT_TRUE(Find(Signs({{64, Sign::kDearer},
                            {892, Sign::kDearer},
                            {960, Sign::kDearer},
                            {1024, Sign::kCheaper},
                            {1040, seen},
                            {1200, Sign::kCheaper},
                            {4096, Sign::kCheaper}}))
                    .empty());
  }
}

TEST(HiddenStretchTest, OneBeforeACrossingIsFoundToo) {
  // Cheaper by 1.1 % from 889 to 896.
  const auto hidden = Find(Signs({{64, Sign::kDearer},
                                  {800, Sign::kDearer},
                                  {912, Sign::kDearer},
                                  {1024, Sign::kCheaper},
                                  {1040, Sign::kDearer},
                                  {1200, Sign::kCheaper},
                                  {4096, Sign::kCheaper}}));
  ASSERT_EQ(hidden.size(), 1U);
  EXPECT_FALSE(hidden[0].behind);
  EXPECT_EQ(hidden[0].crossing, 0U);
  EXPECT_NEAR(hidden[0].low, 889, 1);
  EXPECT_EQ(hidden[0].sure_before, 800);
}

TEST(HiddenStretchTest, SureLengthAtItsEndIsInsideIt) {
  EXPECT_TRUE(Find(Signs({{64, Sign::kDearer},
                          {800, Sign::kDearer},
                          {896, Sign::kCheaper},
                          {912, Sign::kDearer},
                          {1024, Sign::kCheaper},
                          {1040, Sign::kDearer},
                          {4096, Sign::kCheaper}}))
                  .empty());
}

TEST(HiddenStretchTest, BetweenTheLengthsOfACoarseLatticeNobodyAsks) {
  // Only multiples of 64 were measured, and none lies between 1,024 and 1,058.
  EXPECT_TRUE(Find(Signs({{64, Sign::kDearer},
                          {896, Sign::kDearer},
                          {960, Sign::kDearer},
                          {1024, Sign::kCheaper},
                          {1152, Sign::kCheaper},
                          {4096, Sign::kCheaper}}))
                  .empty());
}

TEST(HiddenStretchTest, DifferencesThatCountAsEqualAreNone) {
  EXPECT_TRUE(Find(Signs({{64, Sign::kDearer},
                          {912, Sign::kDearer},
                          {1024, Sign::kCheaper},
                          {4096, Sign::kCheaper}}),
                   /*equal=*/0.2)
                  .empty());
}

TEST(HiddenStretchTest, OrderOfWhatRanOutOfMemoryIsNoCurves) {
  auto signs = Signs(
      {{64, Sign::kDearer}, {892, Sign::kDearer}, {1024, Sign::kCheaper}, {4096, Sign::kCheaper}});
  ASSERT_EQ(Find(signs).size(), 1U);
  signs[3].log_ratio = -HUGE_VAL;
  EXPECT_TRUE(Find(signs).empty());
}

TEST(HiddenStretchTest, WithoutACrossingThereIsNone) {
  EXPECT_TRUE(Find(Signs({{64, Sign::kDearer}, {4096, Sign::kDearer}})).empty());
}

}  // namespace
}  // namespace cusp::analysis
