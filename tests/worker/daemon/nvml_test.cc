#include "worker/daemon/nvml.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace cusp::worker {
namespace {

constexpr char kDevice[] = "0000:41:00.0";

TEST(NvmlTest, StateIsReadInItsUnits) {
  const auto device = NvmlDevice::Open(CUSP_FAKE_NVML, kDevice);
  ASSERT_THAT(device, IsOk());
  EXPECT_EQ((*device)->DriverVersion(), "570.86.15");
  const measure::DeviceState state = (*device)->Read();
  EXPECT_EQ(state.graphics_clock_mhz, 1980);
  EXPECT_EQ(state.memory_clock_mhz, 3201);
  EXPECT_DOUBLE_EQ(state.power_watts, 351.25);
  EXPECT_EQ(state.temperature_celsius, 0);
  EXPECT_EQ(measure::ClockLimitsText(state.clock_limits), "power cap, thermal slowdown");
  EXPECT_EQ(state.processes, 2);
}

TEST(NvmlTest, EnergyIsInJoules) {
  const auto device = NvmlDevice::Open(CUSP_FAKE_NVML, kDevice);
  ASSERT_THAT(device, IsOk());
  const auto before = (*device)->ReadJoules();
  const auto after = (*device)->ReadJoules();
  ASSERT_THAT(before, IsOk());
  ASSERT_THAT(after, IsOk());
  EXPECT_DOUBLE_EQ(*after - *before, 1.5);
}

TEST(NvmlTest, AbsentDeviceIsToldInTheLibrarysWords) {
  EXPECT_THAT(NvmlDevice::Open(CUSP_FAKE_NVML, "0000:99:00.0"),
              StatusIs(absl::StatusCode::kNotFound, ::testing::HasSubstr("Not Found")));
}

TEST(NvmlTest, AbsentLibraryIsNoCrash) {
  EXPECT_THAT(NvmlDevice::Open("libabsent-management.so", kDevice),
              StatusIs(absl::StatusCode::kNotFound, ::testing::HasSubstr("libabsent")));
  EXPECT_THAT(NvmlDevice::Open("libc.so.6", kDevice),
              StatusIs(absl::StatusCode::kNotFound, ::testing::HasSubstr("no management library")));
}

}  // namespace
}  // namespace cusp::worker
