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
using ::testing::UnorderedElementsAre;

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

TEST(PredictedLengthsTest, ClearestLengthOfEachUnseenStretchIsWanted) {
  const auto data = SampleGrid(kSawTooth, kGrid, 10, {0.001}, 1);
  const RefineOptions options = Options(128);
  // The grid shows one change, between 512 and 1,024. But the candidate is cheaper by 1.1 % at
  // 896, where its padding ends, dearer from there to 975, and dearer by 2.4 % behind 1,024.
  EXPECT_THAT(PredictedLengths(ComparisonView(data, kNoneBarred, options)),
              UnorderedElementsAre(896, 912, 1040));
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
  EXPECT_THAT(lengths, IsSupersetOf({768 + 48, 896 + 40}));
}

// The grid, and 896 with costs of its own: 1.1 % apart in truth.
std::vector<LengthData> WithMore(int blocks, double noise) {
  auto data = SampleGrid(kSawTooth, kGrid, 20, {0.002}, 1);
  data.insert(
      std::find_if(data.begin(), data.end(), [](const auto& at) { return at.length > 896; }),
      SampleGrid(kSawTooth, {896}, blocks, {noise}, 2).front());
  return data;
}

TEST(PredictedLengthsTest, UnsureLengthGoesOnToTheLimitWhereThatPromisesASign) {
  RefineOptions options = Options(128);
  const auto data = WithMore(34, 0.014);
  EXPECT_THAT(PredictedLengths(ComparisonView(data, kNoneBarred, options)), Contains(896));
  options.max_blocks = 34;
  EXPECT_THAT(PredictedLengths(ComparisonView(data, kNoneBarred, options)), Not(Contains(896)));
}

TEST(PredictedLengthsTest, LengthTooNoisyForASignIsLeftUnsure) {
  const RefineOptions options = Options(128);
  const auto few = WithMore(6, 0.05);
  EXPECT_THAT(PredictedLengths(ComparisonView(few, kNoneBarred, options)), Contains(896));
  const auto many = WithMore(34, 0.05);
  EXPECT_THAT(PredictedLengths(ComparisonView(many, kNoneBarred, options)), Not(Contains(896)));
}

TEST(PredictedLengthsTest, SureSignOfAStretchIsEnough) {
  std::vector<int64_t> lengths = kGrid;
  lengths.insert(std::find(lengths.begin(), lengths.end(), 1024), {896, 928});
  lengths.insert(std::find(lengths.begin(), lengths.end(), 2048), 1040);
  const auto data = SampleGrid(kSawTooth, lengths, 10, {0.001}, 1);
  const RefineOptions options = Options(128);
  EXPECT_THAT(PredictedLengths(ComparisonView(data, kNoneBarred, options)), IsEmpty());
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
