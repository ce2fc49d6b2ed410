#include "worker/measure/timer_figures.h"

#include <gtest/gtest.h>

namespace cusp::measure {
namespace {

TEST(TimerFiguresTest, StepIsTheSmallestDifference) {
  const TimerFigures figures = FiguresOf({50, 42, 50, 45, 90});
  EXPECT_EQ(figures.step_ns, 3);
  EXPECT_EQ(figures.empty_ns, 50);
}

TEST(TimerFiguresTest, CoarseClockThatSeesNothingHasNoStep) {
  EXPECT_EQ(FiguresOf({0, 0, 0}).step_ns, 0);
}

TEST(TimerFiguresTest, OverheadIsAShareOfTheExpectedTime) {
  EXPECT_NEAR(OverheadShare({1'005'000, 1'010'000, 9'000'000}, 1e6), 0.01, 1e-12);
}

}  // namespace
}  // namespace cusp::measure
