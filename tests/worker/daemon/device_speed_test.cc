#include "worker/daemon/device_speed.h"

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/measure/fakes.h"

namespace cusp::worker {
namespace {

class DeviceSpeedTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::DeviceSpeed> Measure(const std::string& device, int threads) {
    runner::v1::StartResponse started;
    started.set_device(device);
    started.set_threads(threads);
    const auto runner = launcher_.Launch();
    return MeasureSpeed(**runner, started);
  }

  FakeClock clock_;
  measure::FakeLauncher launcher_{Script(), clock_};
};

TEST_F(DeviceSpeedTest, CpuIsMeasuredWithOneThreadAndWithAll) {
  const auto speed = Measure("cpu", 8);
  ASSERT_THAT(speed, IsOk());
  ASSERT_EQ(speed->threads_size(), 2);
  EXPECT_EQ(speed->threads(0).threads(), 1);
  EXPECT_EQ(speed->threads(1).threads(), 8);
  EXPECT_EQ(speed->threads(0).products(1).dtype(), v1::DTYPE_BFLOAT16);
  EXPECT_DOUBLE_EQ(speed->threads(1).products(0).flops_per_second(),
                   8 * speed->threads(0).products(0).flops_per_second());
}

TEST_F(DeviceSpeedTest, OneCoreAndAcceleratorsAreMeasuredOnce) {
  EXPECT_EQ(Measure("cpu", 1)->threads_size(), 1);
  EXPECT_EQ(Measure("cuda:0", 16)->threads_size(), 1);
}

}  // namespace
}  // namespace cusp::worker
