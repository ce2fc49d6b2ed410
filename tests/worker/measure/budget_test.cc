#include "worker/measure/budget.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace cusp::measure {
namespace {

using std::chrono::seconds;

TEST(BudgetTest, RunsOutAndStaysEmpty) {
  FakeClock clock;
  const Budget budget(clock, seconds(60), seconds(10));
  EXPECT_EQ(budget.Left(), seconds(50));
  clock.Advance(seconds(70));
  EXPECT_EQ(budget.Left(), seconds(0));
}

TEST(BudgetTest, StagesShareWhatIsNotReserved) {
  FakeClock clock;
  const Budget budget(clock, seconds(60), seconds(0));
  EXPECT_EQ(budget.StageEnd(2, seconds(20)) - clock.Now(), seconds(20));
  EXPECT_EQ(budget.StageEnd(1, seconds(0)) - clock.Now(), seconds(60));
}

TEST(BudgetTest, ReserveIsBounded) {
  FakeClock clock;
  const Budget budget(clock, seconds(100), seconds(0));
  EXPECT_EQ(budget.StageEnd(1, seconds(1000)) - clock.Now(), seconds(60));
}

}  // namespace
}  // namespace cusp::measure
