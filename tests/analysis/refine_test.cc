#include "analysis/refine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/analysis/simulation.h"

namespace cusp::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<int64_t> Lengths(const Assessment& assessment) {
  std::vector<int64_t> lengths;
  for (const Wish& wish : assessment.wishes) {
    lengths.push_back(wish.length);
  }
  return lengths;
}

RefineOptions Options() {
  RefineOptions options;
  options.grid = {64, 256, 1024};
  return options;
}

TEST(RefineTest, WantsTheWholeGridFirst) {
  EXPECT_THAT(Lengths(Assess({}, {}, Options())), ElementsAre(64, 256, 1024));
}

TEST(RefineTest, BarredLengthsAreNeverWanted) {
  EXPECT_THAT(Lengths(Assess({}, {256}, Options())), ElementsAre(64, 1024));
}

TEST(RefineTest, SureLengthsWithoutACrossingSettle) {
  const auto data = SampleGrid({Curve(0, 1, 0), Curve(0, 2, 0)}, {64, 256, 1024}, 3, {0.005}, 1);
  const Assessment assessment = Assess(data, {}, Options());
  EXPECT_THAT(assessment.wishes, IsEmpty());
  EXPECT_TRUE(assessment.settled);
  EXPECT_EQ(assessment.result.verdict, Verdict::kNever);
}

TEST(RefineTest, MeasuresBesideACrossing) {
  const auto data = SampleGrid({Curve(0, 0, 1), Curve(0, 400, 0)}, {64, 256, 1024}, 3, {0.005}, 1);
  const Assessment assessment = Assess(data, {}, Options());
  ASSERT_EQ(assessment.wishes.size(), 2U);
  EXPECT_LT(assessment.wishes[0].length, 400);
  EXPECT_GT(assessment.wishes[0].length, 350);
  EXPECT_GT(assessment.wishes[1].length, 400);
  EXPECT_LT(assessment.wishes[1].length, 450);
  EXPECT_FALSE(assessment.settled);
}

TEST(RefineTest, FixedListIsNotLeft) {
  RefineOptions options = Options();
  options.fixed = true;
  const auto data = SampleGrid({Curve(0, 0, 1), Curve(0, 400, 0)}, {64, 256, 1024}, 3, {0.005}, 1);
  EXPECT_THAT(Assess(data, {}, options).wishes, IsEmpty());
}

TEST(RefineTest, ExactSearchProbesTheStepAroundTheCrossing) {
  RefineOptions options = Options();
  options.compare.exact = true;
  const auto data = SampleGrid({Curve(0, 0, 1), Curve(0, 400, 0)}, {64, 256, 1024}, 1, {0}, 1);
  // Log-log interpolation between 256 and 1,024 lands on 394.
  EXPECT_THAT(Lengths(Assess(data, {}, options)), ElementsAre(384, 400));
}

TEST(RefineTest, LimitOfBlocksEndsItUnsettled) {
  RefineOptions options = Options();
  options.max_blocks = 10;
  const auto data = SampleGrid({Curve(1, 0, 0), Curve(1, 0, 0)}, {64, 256, 1024}, 10, {0.1}, 1);
  const Assessment assessment = Assess(data, {}, options);
  EXPECT_THAT(assessment.wishes, IsEmpty());
  EXPECT_FALSE(assessment.settled);
}

}  // namespace
}  // namespace cusp::analysis
