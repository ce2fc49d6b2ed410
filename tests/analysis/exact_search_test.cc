#include "analysis/exact_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/near_crossing.h"
#include "tests/analysis/simulation.h"

namespace cusp::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<int64_t> kNoneBarred;

RefineOptions Exact() {
  RefineOptions options;
  options.grid = {64, 256, 1024};
  options.compare.exact = true;
  return options;
}

std::vector<int64_t> ProbesAfter(const std::vector<int64_t>& lengths, const TrueCost& baseline,
                                 const std::vector<int64_t>& barred = kNoneBarred) {
  const auto data = SampleGrid({baseline, Curve(0, 400, 0)}, lengths, 1, {0}, 1);
  const RefineOptions options = Exact();
  return ExactProbes(ComparisonView(data, barred, options), 0);
}

TEST(ExactSearchTest, InterpolatesSmoothCosts) {
  // In log-log the costs are straight lines, which meet at 400 less a little.
  EXPECT_THAT(ProbesAfter({64, 256, 1024}, Curve(0, 0, 1)), ElementsAre(384, 400));
}

TEST(ExactSearchTest, BisectsWhereOneRanOutOfMemory) {
  EXPECT_THAT(ProbesAfter({64, 256, 1024}, OutOfMemoryFrom(Curve(0, 1, 0), 300)), ElementsAre(512));
}

TEST(ExactSearchTest, BisectsAfterManyInterpolations) {
  EXPECT_THAT(ProbesAfter({64, 256, 272, 288, 304, 320, 336, 352, 1024}, Curve(0, 0, 1)),
              ElementsAre(608));
}

TEST(ExactSearchTest, BarredLengthsAreGoneRound) {
  EXPECT_THAT(ProbesAfter({64, 256, 1024}, Curve(0, 0, 1), {384, 400}), ElementsAre(416));
}

TEST(ExactSearchTest, NothingIsLeftInsideOneStep) {
  EXPECT_THAT(ProbesAfter({64, 384, 400, 1024}, Curve(0, 0, 1.01)), IsEmpty());
}

TEST(ExactSearchTest, AroundEqualLengthsBothEndsAreLookedFor) {
  const auto data = SampleGrid({Curve(0, 0, 1), Curve(0, 400, 0)}, {64, 352, 416, 1024}, 1, {0}, 1);
  RefineOptions options = Exact();
  options.compare.resolution = 20'000;  // equal from 342 to 444
  const ComparisonView view(data, kNoneBarred, options);
  ASSERT_EQ(view.result().equal_lengths.size(), 2U);
  EXPECT_THAT(ExactProbes(view, 0), ElementsAre(144, 656));
  EXPECT_FALSE(IsPrecise(view, 0));
}

}  // namespace
}  // namespace cusp::analysis
