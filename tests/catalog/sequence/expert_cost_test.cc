#include "catalog/sequence/expert_cost.h"

#include <gtest/gtest.h>

namespace cusp::catalog {
namespace {

TEST(ExpertCostTest, FewTokensLeaveExpertsIdle) {
  EXPECT_DOUBLE_EQ(ExpertsPresent(8, 2, 1), 2);
  // The second token meets one of six idle experts in three choices of four.
  EXPECT_DOUBLE_EQ(ExpertsPresent(8, 2, 2), 2 + 2 * 0.75);
  EXPECT_DOUBLE_EQ(ExpertsPresent(8, 8, 1), 8);
  EXPECT_NEAR(ExpertsPresent(8, 2, 1000), 8, 1e-9);
}

TEST(ExpertCostTest, EveryRowIsMultipliedOnceAndEveryMatrixReadOnce) {
  CostTally tally({});
  ExpertCost(Component::kFeedForward, {.rows = 20, .present = 5, .in = 3, .out = 7}, tally);
  EXPECT_DOUBLE_EQ(tally.Total().flops, 2.0 * 20 * 3 * 7);
  EXPECT_DOUBLE_EQ(tally.Total().bytes, 4.0 * (20 * 3 + 5 * 3 * 7 + 20 * 7));
}

}  // namespace
}  // namespace cusp::catalog
