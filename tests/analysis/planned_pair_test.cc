#include "analysis/planned_pair.h"

#include <gtest/gtest.h>

namespace cusp::analysis {
namespace {

RefineOptions Options() {
  RefineOptions options;
  options.grid = {64, 128, 256};
  options.step = 16;
  return options;
}

class PlannedPairTest : public ::testing::Test {
 protected:
  void Fill(int blocks) {
    for (int i = 0; i < blocks; ++i) {
      pair_.Add(64, 1, 2);
    }
  }

  PlannedPair pair_{0, 1, Options()};
};

TEST_F(PlannedPairTest, GrowsByWhatWasAddedSinceItWasDue) {
  Fill(100);
  EXPECT_TRUE(pair_.GrewBy(50));
  pair_.MarkDue();
  EXPECT_FALSE(pair_.GrewBy(50));
  pair_.Add(128, 1, 2);
  EXPECT_EQ(pair_.fresh(), 1);
  EXPECT_FALSE(pair_.GrewBy(100));  // 1 of 101
  pair_.Add(128, 1, 2);
  EXPECT_TRUE(pair_.GrewBy(100) && !pair_.GrewBy(50));
  EXPECT_EQ(pair_.BlocksAt(128), 2);
}

TEST_F(PlannedPairTest, AssessmentIsOfTheDataWhenItWasDueWheneverItIsAskedFor) {
  Fill(8);
  pair_.MarkDue();
  Fill(5);
  pair_.Add(128, 1, 2);
  EXPECT_EQ(pair_.assessment().result.blocks_used, 8);
  EXPECT_EQ(pair_.AssessNow().result.blocks_used, 14);
  EXPECT_EQ(pair_.assessment().result.blocks_used, 8);
  pair_.MarkDue();
  EXPECT_EQ(pair_.assessment().result.blocks_used, 14);
}

TEST_F(PlannedPairTest, BarredLengthIsGoneAtOnce) {
  Fill(8);
  pair_.Add(128, 1, 2);
  pair_.MarkDue();
  pair_.Bar(64);
  EXPECT_EQ(pair_.assessment().result.blocks_used, 1);
  EXPECT_EQ(pair_.BlocksAt(64), 0);
}

}  // namespace
}  // namespace cusp::analysis
