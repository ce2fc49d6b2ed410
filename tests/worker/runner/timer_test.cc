#include "worker/runner/timer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace cusp::runner {
namespace {

using std::chrono::nanoseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(HostTimerTest, GivesTimesBetweenMarks) {
  FakeClock clock;
  HostTimer timer(clock);
  timer.Begin(3);
  timer.Mark();
  clock.Advance(nanoseconds(70));
  timer.Mark();
  clock.Advance(nanoseconds(5));
  timer.Mark();
  clock.Advance(nanoseconds(1000));
  EXPECT_THAT(timer.Finish(), ElementsAre(70, 5));
}

TEST(HostTimerTest, TakesMoreMarksThanItWasToldOf) {
  FakeClock clock;
  HostTimer timer(clock);
  timer.Begin(0);
  for (int i = 0; i < 3; ++i) {
    timer.Mark();
    clock.Advance(nanoseconds(4));
  }
  EXPECT_THAT(timer.Finish(), ElementsAre(4, 4));
}

TEST(HostTimerTest, BeginForgetsTheSampleBefore) {
  FakeClock clock;
  HostTimer timer(clock);
  timer.Begin(1);
  timer.Mark();
  EXPECT_THAT(timer.Finish(), IsEmpty());
  timer.Begin(2);
  timer.Mark();
  clock.Advance(nanoseconds(9));
  timer.Mark();
  EXPECT_THAT(timer.Finish(), ElementsAre(9));
}

}  // namespace
}  // namespace cusp::runner
