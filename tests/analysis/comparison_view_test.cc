#include "analysis/comparison_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "tests/analysis/simulation.h"

namespace cusp::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Crosses at 400; the costs at 400 itself are equal and stay unsure.
class ComparisonViewTest : public ::testing::Test {
 protected:
  ComparisonViewTest() {
    options_.grid = {64, 256, 1024};
    options_.max_blocks = 12;
  }

  const std::vector<LengthData> data_ =
      SampleGrid({Curve(0, 0, 1), Curve(0, 400, 0)}, {64, 256, 400, 1024}, 10, {0.05}, 1);
  const std::vector<int64_t> barred_ = {128, 512};
  RefineOptions options_;
};

TEST_F(ComparisonViewTest, KnowsWhatWasMeasured) {
  const ComparisonView view(data_, barred_, options_);
  EXPECT_EQ(view.Blocks(256), 10);
  EXPECT_EQ(view.Blocks(300), 0);
  EXPECT_EQ(view.At(300), nullptr);
  EXPECT_TRUE(view.Unclear(400));
  EXPECT_FALSE(view.Unclear(1024));
  EXPECT_TRUE(view.Barred(512));
  EXPECT_TRUE(view.OnGrid(256));
  EXPECT_FALSE(view.OnGrid(400));
}

TEST_F(ComparisonViewTest, SureSignsAndThoseAround) {
  const ComparisonView view(data_, barred_, options_);
  EXPECT_EQ(view.SureSign(256), 1);
  EXPECT_EQ(view.SureSign(1024), -1);
  EXPECT_EQ(view.SureSign(400), 0);
  EXPECT_EQ(view.SureSign(300), 0);
  EXPECT_EQ(view.SignsAround(400), std::pair(1, -1));
  EXPECT_EQ(view.SignsAround(64), std::pair(0, 1));
  EXPECT_EQ(view.SignsAround(1024), std::pair(1, 0));
}

TEST_F(ComparisonViewTest, BlocksForASignGrowWithTheSquareOfTheNoise) {
  EXPECT_NEAR(BlocksForSign(0.02, 0.01) / BlocksForSign(0.01, -0.01), 4, 1e-9);
}

TEST_F(ComparisonViewTest, BracketLeavesItsEndsOut) {
  const ComparisonView view(data_, barred_, options_);
  ASSERT_EQ(view.result().brackets.size(), 1U);
  EXPECT_EQ(view.BracketAround(400), 0U);
  EXPECT_FALSE(view.BracketAround(256).has_value());
  EXPECT_FALSE(view.BracketAround(1024).has_value());
}

TEST_F(ComparisonViewTest, SpentAreBarredDecidedAndThoseAtTheLimit) {
  EXPECT_THAT(ComparisonView(data_, barred_, options_).Spent(256, 1024), ElementsAre(128, 512));
  EXPECT_THAT(ComparisonView(data_, barred_, options_).Spent(64, 1024), ElementsAre(128, 256, 512));
  options_.max_blocks = 10;
  EXPECT_THAT(ComparisonView(data_, barred_, options_).Spent(256, 1024),
              ElementsAre(128, 400, 512));
}

TEST(FiniteLogRatiosTest, LeavesExhaustionOut) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_THAT(FiniteLogRatios({64, {{infinity, 1}, {1, infinity}}}), IsEmpty());
  EXPECT_THAT(FiniteLogRatios({64, {{2, 2}, {1, infinity}}}), ElementsAre(0));
}

}  // namespace
}  // namespace cusp::analysis
