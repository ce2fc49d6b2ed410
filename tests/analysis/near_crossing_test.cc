#include "analysis/near_crossing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/analysis/simulation.h"

namespace cusp::analysis {
namespace {

using ::testing::AllOf;
using ::testing::Gt;
using ::testing::IsEmpty;
using ::testing::Lt;

const std::vector<int64_t> kNoneBarred;
const std::vector<TrueCost> kCrossAt400 = {Curve(0, 0, 1), Curve(0, 400, 0)};

RefineOptions Options(double precision = 0.05) {
  RefineOptions options;
  options.grid = {64, 256, 1024};
  options.precision = precision;
  return options;
}

TEST(NearCrossingTest, AWideBracketIsNotPrecise) {
  const auto data = SampleGrid(kCrossAt400, {64, 256, 1024}, 10, {0.01}, 1);
  const RefineOptions options = Options();
  EXPECT_FALSE(IsPrecise(ComparisonView(data, kNoneBarred, options), 0));
}

TEST(NearCrossingTest, ANarrowFitIsBelievedOnceTestedOnBothSides) {
  const RefineOptions options = Options();
  auto data = SampleGrid(kCrossAt400, {64, 128, 256, 1024, 2048}, 20, {0.002}, 1);
  const ComparisonView far(data, kNoneBarred, options);
  ASSERT_LT(far.result().crossings[0].high / far.result().crossings[0].low, 1.05);
  EXPECT_FALSE(IsPrecise(far, 0));
  data = SampleGrid(kCrossAt400, {64, 128, 256, 352, 448, 1024, 2048}, 20, {0.002}, 1);
  EXPECT_TRUE(IsPrecise(ComparisonView(data, kNoneBarred, options), 0));
}

TEST(NearCrossingTest, OneStepIsAsPreciseAsPossible) {
  const auto data = SampleGrid(kCrossAt400, {64, 392, 408, 1024}, 20, {0.001}, 1);
  RefineOptions options = Options(1e-6);
  options.step = 392;
  EXPECT_TRUE(IsPrecise(ComparisonView(data, kNoneBarred, options), 0));
}

TEST(NearCrossingTest, MeasuresALittleAsideOnBothSides) {
  const auto data = SampleGrid(kCrossAt400, {64, 256, 1024}, 10, {0.005}, 1);
  const RefineOptions options = Options();
  const auto lengths = LengthsBeside(ComparisonView(data, kNoneBarred, options), 0);
  ASSERT_EQ(lengths.size(), 2U);
  EXPECT_THAT(lengths[0], AllOf(Gt(360), Lt(400)));
  EXPECT_THAT(lengths[1], AllOf(Gt(400), Lt(440)));
}

TEST(NearCrossingTest, NothingIsWantedWhereAllIsBarred) {
  const auto data = SampleGrid(kCrossAt400, {64, 256, 1024}, 10, {0.005}, 1);
  RefineOptions options = Options();
  options.step = 256;
  const std::vector<int64_t> barred = {512, 768};
  EXPECT_THAT(LengthsBeside(ComparisonView(data, barred, options), 0), IsEmpty());
}

}  // namespace
}  // namespace cusp::analysis
