// Whole tables of costs with steps: every change of order is told, and no other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "analysis/comparison.h"
#include "tests/analysis/simulation.h"

namespace cusp::analysis {
namespace {

using Brackets = std::vector<std::pair<int64_t, int64_t>>;

constexpr int64_t kStep = 16;
const TrueCost kQuadratic = Curve(2e-3, 8e-5, 6e-8);

TrueCost Tiled(int64_t tile) { return Padded(Curve(4e-3, 1.3e-4, 0), static_cast<double>(tile)); }

std::vector<int64_t> EveryLength() {
  std::vector<int64_t> lengths;
  for (int64_t length = 64; length <= 4096; length += kStep) {
    lengths.push_back(length);
  }
  return lengths;
}

// Between which lengths the order changes, of those where costs differ by more than `margin`.
Brackets Changes(const TrueCost& candidate, double margin) {
  Brackets changes;
  int64_t last = 0;
  double last_ratio = 0;
  for (const int64_t length : EveryLength()) {
    const auto n = static_cast<double>(length);
    const double ratio = std::log(candidate(n) / kQuadratic(n));
    if (std::fabs(ratio) <= margin) {
      continue;
    }
    if (ratio * last_ratio < 0) {
      changes.emplace_back(last, length);
    }
    last = length;
    last_ratio = ratio;
  }
  return changes;
}

bool Overlap(const std::pair<int64_t, int64_t>& a, const std::pair<int64_t, int64_t>& b) {
  return a.first < b.second && b.first < a.second;
}

// Every one of `wanted` overlaps one of `found`, each another.
bool HoldsAll(const Brackets& found, const Brackets& wanted) {
  size_t next = 0;
  for (const auto& change : wanted) {
    while (next < found.size() && !Overlap(found[next], change)) {
      ++next;
    }
    if (next++ >= found.size()) {
      return false;
    }
  }
  return true;
}

TEST(SawToothTest, ExactTableGivesEveryCrossingBetweenNeighbours) {
  CompareOptions options;
  options.exact = true;
  for (const int64_t tile : {16, 32, 64, 128, 256, 512}) {
    const auto data = SampleGrid({kQuadratic, Tiled(tile)}, EveryLength(), 1, {0}, 1);
    const ComparisonResult result = Compare(data, options);
    EXPECT_EQ(result.brackets, Changes(Tiled(tile), 0)) << tile;
    ASSERT_EQ(result.crossings.size(), result.brackets.size());
    for (size_t i = 0; i < result.crossings.size(); ++i) {
      EXPECT_EQ(result.crossings[i].high - result.crossings[i].low, kStep);
    }
  }
}

TEST(SawToothTest, BlocksAtEveryLengthGiveEveryCrossingThatIsClear) {
  constexpr int kRuns = 10;
  CompareOptions options;
  options.resamples = 50;
  for (const int64_t tile : {64, 128, 256, 512}) {
    const Brackets clear = Changes(Tiled(tile), 0.015);
    const Brackets all = Changes(Tiled(tile), 0);
    int held = 0;
    for (uint64_t seed = 1; seed <= kRuns; ++seed) {
      const auto data = SampleGrid({kQuadratic, Tiled(tile)}, EveryLength(), 30, {0.01}, seed);
      const ComparisonResult result = Compare(data, options);
      EXPECT_TRUE(HoldsAll(all, result.brackets)) << "false crossing at tiles of " << tile;
      held += HoldsAll(result.brackets, clear) ? 1 : 0;
    }
    EXPECT_GE(held, 9) << tile;
  }
}

TEST(SawToothTest, StepsAreSeenInAThinnedTable) {
  for (const int64_t tile : {64, 128, 256, 512}) {
    const auto data = SampleGrid({kQuadratic, Tiled(tile)}, EveryLength(), 30, {0.01}, 1);
    EXPECT_EQ(Compare(data, {}).padding.candidate.quantum, tile);
  }
}

}  // namespace
}  // namespace cusp::analysis
