#include "analysis/predicted_lengths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/analysis/simulation.h"

namespace cusp::analysis {
namespace {

using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

const std::vector<int64_t> kNoneBarred;
const std::vector<int64_t> kGrid = {64, 128, 256, 512, 1024, 2048, 4096};
const std::vector<TrueCost> kSawTooth = {Curve(2e-3, 8e-5, 6e-8),
                                         Padded(Curve(4e-3, 1.3e-4, 0), 128)};

RefineOptions Options(int64_t candidate_quantum) {
  RefineOptions options;
  options.grid = kGrid;
  options.compare.candidate_quantum = candidate_quantum;
  return options;
}

TEST(PredictedLengthsTest, BothSidesOfAnUnseenJumpAreWanted) {
  const auto data = SampleGrid(kSawTooth, kGrid, 10, {0.001}, 1);
  const RefineOptions options = Options(128);
  // Besides the last crossing, at 975, the candidate is cheaper for a few lengths
  // up to 896, where its padding ends: the grid shows one change only.
  EXPECT_THAT(PredictedLengths(ComparisonView(data, kNoneBarred, options)),
              IsSupersetOf({880, 896}));
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
