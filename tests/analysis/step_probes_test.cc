#include "analysis/step_probes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/analysis/simulation.h"

namespace cusp::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<int64_t> kNoneBarred;
const std::vector<int64_t> kGrid = {64, 128, 256, 512, 1024, 2048, 4096};
// Cross at 474.
const std::vector<TrueCost> kCosts = {Curve(2e-3, 8e-5, 6e-8), Curve(6e-3, 1e-4, 0)};

std::vector<int64_t> Lengths(const std::vector<LengthData>& data, const RefineOptions& options,
                             const std::vector<int64_t>& barred = kNoneBarred) {
  std::vector<int64_t> lengths;
  for (const StepProbe& probe : StepProbes(ComparisonView(data, barred, options), 0)) {
    lengths.push_back(probe.length);
  }
  return lengths;
}

RefineOptions Options() {
  RefineOptions options;
  options.grid = kGrid;
  return options;
}

std::vector<int64_t> Joined(std::vector<int64_t> lengths) {
  lengths.insert(lengths.end(), kGrid.begin(), kGrid.end());
  std::sort(lengths.begin(), lengths.end());
  lengths.erase(std::unique(lengths.begin(), lengths.end()), lengths.end());
  return lengths;
}

TEST(StepProbesTest, MultiplesOfTilesAroundTheCrossingAndTheNextLengths) {
  const auto data = SampleGrid(kCosts, kGrid, 8, {0.001}, 1);
  EXPECT_THAT(Lengths(data, Options()), ElementsAre(384, 400, 528));  // 512 is known already
  EXPECT_THAT(Lengths(data, Options(), {400}), ElementsAre(384, 528));
}

TEST(StepProbesTest, EndOnceJumpsThatMatterWouldShow) {
  const std::vector<int64_t> all = Joined({384, 400, 528});
  EXPECT_THAT(Lengths(SampleGrid(kCosts, all, 8, {0.001}, 1), Options()), IsEmpty());
  // Noise hides them: more blocks, but not for ever.
  EXPECT_THAT(Lengths(SampleGrid(kCosts, all, 8, {0.02}, 1), Options()),
              ElementsAre(384, 400, 512, 528));
  EXPECT_THAT(Lengths(SampleGrid(kCosts, all, 16, {0.05}, 1), Options()), IsEmpty());
}

TEST(StepProbesTest, WhereBothPadAsDeclaredThereIsNothingToLookFor) {
  const auto data = SampleGrid(kCosts, kGrid, 8, {0.001}, 1);
  RefineOptions options = Options();
  options.compare.candidate_padding.quantum = 32;
  EXPECT_FALSE(Lengths(data, options).empty());
  options.compare.baseline_padding.quantum = 32;
  EXPECT_THAT(Lengths(data, options), IsEmpty());
}

TEST(StepProbesTest, StepsBelowTheLatticeCannotBeSeen) {
  const auto data = SampleGrid(kCosts, kGrid, 8, {0.001}, 1);
  RefineOptions options = Options();
  for (const int64_t step : {128, 320}) {
    options.step = step;
    EXPECT_THAT(Lengths(data, options), IsEmpty()) << step;
  }
}

TEST(StepProbesTest, WhereMemoryEndsNothingIsLookedFor) {
  const std::vector<TrueCost> costs = {OutOfMemoryFrom(kCosts[0], 1000), Curve(6e-3, 3e-4, 0)};
  EXPECT_THAT(Lengths(SampleGrid(costs, kGrid, 8, {0.01}, 1), Options()), IsEmpty());
}

}  // namespace
}  // namespace cusp::analysis
