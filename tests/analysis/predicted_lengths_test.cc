#include "analysis/predicted_lengths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/analysis/simulation.h"

namespace cusp::analysis {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

const std::vector<int64_t> kNoneBarred;
const std::vector<int64_t> kGrid = {64, 128, 256, 512, 1024, 2048, 4096};
const std::vector<TrueCost> kSawTooth = {Curve(2e-3, 8e-5, 6e-8),
                                         Padded(Curve(4e-3, 1.3e-4, 0), 128)};

RefineOptions Options(int64_t candidate_quantum) {
  RefineOptions options;
  options.grid = kGrid;
  options.compare.candidate_padding = {.quantum = candidate_quantum};
  return options;
}

TEST(PredictedLengthsTest, BothSidesOfAnUnseenJumpAreWanted) {
  const auto data = SampleGrid(kSawTooth, kGrid, 10, {0.001}, 1);
  const RefineOptions options = Options(128);
  // The candidate is cheaper for a few lengths up to 896, where its padding ends,
  // and again from 975: the grid shows one change only.
  EXPECT_THAT(PredictedLengths(ComparisonView(data, kNoneBarred, options)),
              IsSupersetOf({880, 896}));
}

TEST(PredictedLengthsTest, SlackMovesTheJump) {
  // 40 tokens beyond a multiple of 128 count as it.
  const TrueCost smooth = Curve(4e-3, 1.3e-4, 0);
  const std::vector<TrueCost> costs = {
      kSawTooth[0], [smooth](double n) { return smooth(std::ceil((n - 40) / 128) * 128); }};
  const auto data = SampleGrid(costs, kGrid, 10, {0.001}, 1);
  RefineOptions options = Options(128);
  options.step = 8;
  options.compare.candidate_padding.slack = 40;
  const auto lengths = PredictedLengths(ComparisonView(data, kNoneBarred, options));
  EXPECT_THAT(lengths, IsSupersetOf({768 + 40, 768 + 48}));
}

TEST(PredictedLengthsTest, UnsureLengthGetsMoreThanItsFirstBlocks) {
  const RefineOptions options = Options(128);
  std::vector<int64_t> lengths = kGrid;
  lengths.insert(std::find(lengths.begin(), lengths.end(), 1024), 880);
  // 1 % apart at 880: a few noisy blocks can't tell.
  const auto few = SampleGrid(kSawTooth, lengths, 6, {0.05}, 1);
  EXPECT_THAT(PredictedLengths(ComparisonView(few, kNoneBarred, options)), Contains(880));
  const auto many = SampleGrid(kSawTooth, lengths, 40, {0.05}, 1);
  EXPECT_THAT(PredictedLengths(ComparisonView(many, kNoneBarred, options)), Not(Contains(880)));
}

TEST(PredictedLengthsTest, SmoothCostsAreLeftAlone) {
  const auto data = SampleGrid(kSawTooth, kGrid, 10, {0.001}, 1);
  const RefineOptions options = Options(1);
  EXPECT_THAT(PredictedLengths(ComparisonView(data, kNoneBarred, options)), IsEmpty());
}

TEST(PredictedLengthsTest, FewLengthsPredictNothing) {
  const auto data = SampleGrid(kSawTooth, {64, 1024, 4096}, 10, {0.001}, 1);
  const RefineOptions options = Options(128);
  EXPECT_THAT(PredictedLengths(ComparisonView(data, kNoneBarred, options)), IsEmpty());
}

}  // namespace
}  // namespace cusp::analysis
