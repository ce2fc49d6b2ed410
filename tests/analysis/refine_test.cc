#include "analysis/refine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "tests/analysis/simulation.h"

namespace cusp::analysis {
namespace {

using ::testing::Contains;
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

TEST(RefineTest, UnsureLengthsGoOnAtTheEndsAndWhereTheyAreSureSoonest) {
  RefineOptions options = Options();
  options.grid = {64, 128, 256, 512, 1024};
  // No sign is sure anywhere; the effect is largest at 512.
  std::vector<LengthData> data;
  for (const int64_t length : options.grid) {
    const double middle = length == 512 ? 0.25 : 0.1;
    LengthData at{length, {}};
    for (const double off : {-0.3, -0.1, 0.1, 0.3}) {
      at.pairs.push_back({1, std::exp(middle + off)});
    }
    data.push_back(std::move(at));
  }
  EXPECT_THAT(Lengths(Assess(data, {}, options)), ElementsAre(64, 512, 1024));
}

// 1 % apart at 896, where the padding ends: the curves predict a change there.
TEST(RefineTest, BesideAStepOnlyTheFirstBlocksAreWantedAtOnce) {
  RefineOptions options;
  options.grid = {64, 128, 256, 512, 1024, 2048, 4096};
  options.compare.candidate_padding.quantum = 128;
  const std::vector<TrueCost> costs = {Curve(2e-3, 8e-5, 6e-8),
                                       Padded(Curve(4e-3, 1.3e-4, 0), 128)};
  const auto at_896 = [&](int blocks) {
    auto data = SampleGrid(costs, options.grid, 20, {0.005}, 1);
    data.insert(data.begin() + 4, SampleGrid(costs, {896}, blocks, {0.02}, 2).front());
    for (const Wish& wish : Assess(data, {}, options).wishes) {
      if (wish.length == 896) {
        return wish;
      }
    }
    return Wish();
  };
  EXPECT_EQ(at_896(3).length, 896);
  EXPECT_FALSE(at_896(3).spare);
  EXPECT_EQ(at_896(6).length, 896);
  EXPECT_TRUE(at_896(6).spare);
}

// 512 lies in the bracket of a crossing that is known well enough, and gets no more blocks; what
// the padded curves predict beyond 1,024 is asked for all the same.
TEST(RefineTest, UnsureLengthBesideAPreciseCrossingHidesNoStep) {
  RefineOptions options;
  options.grid = {64, 128, 256, 512, 1024, 2048, 4096};
  options.compare.candidate_padding.quantum = 512;
  const std::vector<TrueCost> costs = {Curve(2e-3, 8e-5, 6e-8),
                                       Padded(Curve(4e-3, 1.3e-4, 0), 512)};
  auto data = SampleGrid(costs, {64, 128, 256, 512, 944, 1008, 1024, 2048, 4096}, 4, {0.005}, 1);
  data[3].pairs.resize(2);  // 512
  data[4].pairs.resize(3);
  data[5].pairs.resize(3);
  const Assessment assessment = Assess(data, {}, options);
  ASSERT_THAT(assessment.result.undecided_lengths, Contains(512));
  EXPECT_THAT(Lengths(assessment), Contains(1040));
  EXPECT_FALSE(assessment.settled);
}

TEST(RefineTest, UnsureLengthBetweenSureOnesOfItsSignIsLeftAlone) {
  auto data = SampleGrid({Curve(1, 0, 0), Curve(2, 0, 0)}, {64, 256, 1024}, 6, {0.01}, 1);
  for (size_t i = 0; i < data[1].pairs.size(); ++i) {
    data[1].pairs[i] = {1, i % 3 == 0 ? 0.7 : 1.5};
  }
  const Assessment agrees = Assess(data, {}, Options());
  EXPECT_THAT(agrees.result.undecided_lengths, ElementsAre(256));
  EXPECT_THAT(Lengths(agrees), IsEmpty());
  for (CostPair& pair : data[1].pairs) {
    std::swap(pair.baseline, pair.candidate);
  }
  EXPECT_THAT(Lengths(Assess(data, {}, Options())), ElementsAre(256));
}

}  // namespace
}  // namespace cusp::analysis
