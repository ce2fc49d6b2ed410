#include "common/clock.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/support/fake_clock.h"

namespace cusp {
namespace {

TEST(SystemClockTest, MonotonicTimeNeverGoesBack) {
  const SystemClock clock;
  Clock::Monotonic last = clock.Now();
  for (int i = 0; i < 1000; ++i) {
    const Clock::Monotonic now = clock.Now();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(SystemClockTest, WallTimeIsOfThisCentury) {
  const SystemClock clock;
  EXPECT_GT(clock.WallMicros(), 1'700'000'000'000'000);
  EXPECT_LT(clock.WallMicros(), 4'102'444'800'000'000);
}

TEST(FakeClockTest, StandsStillUntilAdvanced) {
  FakeClock clock;
  const auto start = clock.Now();
  const int64_t wall = clock.WallMicros();
  EXPECT_EQ(clock.Now(), start);
  clock.Advance(std::chrono::seconds(15));
  EXPECT_EQ(clock.Now() - start, std::chrono::seconds(15));
  EXPECT_EQ(clock.WallMicros() - wall, 15'000'000);
}

TEST(FakeClockTest, StepsBelowAMicrosecondAddUp) {
  FakeClock clock;
  const int64_t wall = clock.WallMicros();
  for (int i = 0; i < 1000; ++i) {
    clock.Advance(std::chrono::nanoseconds(1));
  }
  EXPECT_EQ(clock.WallMicros() - wall, 1);
}

TEST(FakeClockTest, SettingTheDateLeavesDurationsAlone) {
  FakeClock clock;
  const auto start = clock.Now();
  clock.SetWallMicros(0);
  EXPECT_EQ(clock.WallMicros(), 0);
  EXPECT_EQ(clock.Now(), start);
}

}  // namespace
}  // namespace cusp
