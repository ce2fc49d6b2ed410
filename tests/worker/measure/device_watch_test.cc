#include "worker/measure/device_watch.h"

#include <gtest/gtest.h>

namespace cusp::measure {
namespace {

TEST(DeviceWatchTest, LimitsOfClocksAreToldInWords) {
  EXPECT_EQ(ClockLimitsText(0), "");
  EXPECT_EQ(ClockLimitsText(0x4), "power cap");
  EXPECT_EQ(ClockLimitsText(0x8 | 0x20 | 0x100),
            "hardware slowdown, thermal slowdown, display clocks");
  EXPECT_EQ(ClockLimitsText(int64_t{1} << 40), "");  // of a newer driver
}

TEST(DeviceWatchTest, PowerCapIsNoSlowdown) {
  EXPECT_EQ(0x4 & kSlowdowns, 0);
  EXPECT_NE(0x40 & kSlowdowns, 0);
}

}  // namespace
}  // namespace cusp::measure
