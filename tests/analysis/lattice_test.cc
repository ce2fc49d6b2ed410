#include "analysis/lattice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cusp::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(LatticeTest, StepIsTheGreatestCommonDivisorWithOneAsSixteen) {
  EXPECT_EQ(ScanStep(1, 1, 2048), 16);
  EXPECT_EQ(ScanStep(1, 128, 2048), 16);
  EXPECT_EQ(ScanStep(96, 64, 2048), 32);
}

TEST(LatticeTest, StepShrinksForShortRanges) { EXPECT_EQ(ScanStep(1, 1, 30), 1); }

TEST(LatticeTest, GridHoldsBothEndsAndDoubles) {
  EXPECT_THAT(CoarseGrid(64, 2048, 16, 2, false), ElementsAre(64, 128, 256, 512, 1024, 2048));
  EXPECT_THAT(CoarseGrid(50, 210, 16, 2, false), ElementsAre(50, 80, 128, 210));
}

TEST(LatticeTest, ForcedStepMovesEndsInwards) {
  EXPECT_THAT(CoarseGrid(50, 210, 32, 2, true), ElementsAre(64, 96, 192));
  EXPECT_THAT(CoarseGrid(65, 100, 64, 2, true), IsEmpty());
}

TEST(LatticeTest, NearestFreeStaysInsideAndAvoidsBarred) {
  EXPECT_EQ(NearestFree(200, 128, 256, 16, {}), 208);
  EXPECT_EQ(NearestFree(200, 128, 256, 16, {208}), 192);
  EXPECT_EQ(NearestFree(1000, 128, 256, 16, {}), 240);
  EXPECT_EQ(NearestFree(130, 128, 144, 16, {}), 0);
  EXPECT_EQ(NearestFree(130, 128, 160, 16, {144}), 0);
}

}  // namespace
}  // namespace cusp::analysis
