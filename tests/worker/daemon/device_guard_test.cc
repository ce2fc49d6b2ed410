#include "worker/daemon/device_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/status_matchers.h"

namespace cusp::worker {
namespace {

// Of this process alone, so that two runs of the test don't meet.
std::string SomeDevice(int number) {
  return "test-" + std::to_string(getpid()) + "-" + std::to_string(number);
}

TEST(DeviceGuardTest, DeviceIsOneWorkersUntilItLetsGo) {
  {
    auto first = DeviceGuard::Take(SomeDevice(1));
    ASSERT_THAT(first, IsOk());
    const DeviceGuard moved = *std::move(first);
    EXPECT_THAT(DeviceGuard::Take(SomeDevice(1)),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         ::testing::HasSubstr("another worker on this host")));
    EXPECT_THAT(DeviceGuard::Take(SomeDevice(2)), IsOk());
  }
  EXPECT_THAT(DeviceGuard::Take(SomeDevice(1)), IsOk());
}

TEST(DeviceGuardTest, ProcessesOfOthersAreTheReason) {
  EXPECT_EQ(WhyNotIdle({.clock_limits = 0x4}), "");
  EXPECT_EQ(WhyNotIdle({.processes = 1}), "1 other process on the device");
  EXPECT_EQ(WhyNotIdle({.processes = 2}), "2 other processes on the device");
}

}  // namespace
}  // namespace cusp::worker
