// What NVIDIA's library tells of a CUDA device while a runner uses it.
#include <gmock/gmock.h>

#include "tests/gpu/gpu_runner.h"
#include "tests/support/status_matchers.h"
#include "worker/daemon/device_facts.h"
#include "worker/daemon/device_guard.h"

namespace cusp::worker {
namespace {

using InstrumentsGpuTest = runner::GpuRunnerTest;

TEST_F(InstrumentsGpuTest, StateAndEnergyOfTheDeviceAreTold) {
  ASSERT_FALSE(start_.pci_bus_id().empty());
  const auto instruments = OpenInstruments(start_);
  ASSERT_THAT(instruments, IsOk());
  ASSERT_NE(instruments->watch, nullptr);
  const auto before = instruments->energy->ReadJoules();
  ASSERT_THAT(before, IsOk());
  ASSERT_TRUE(runner_.Build(runner::BuildOf(1, runner::TinyBert(2048), "inference", "bfloat16"))
                  .has_build());
  runner_.Run({runner::StepOf(1, 2048, 2000)});
  const measure::DeviceState state = instruments->watch->Read();
  EXPECT_GT(state.graphics_clock_mhz, 0);
  EXPECT_GT(state.memory_clock_mhz, 0);
  EXPECT_GT(state.power_watts, 0);
  EXPECT_GT(state.temperature_celsius, 0);
  EXPECT_GE(state.processes, 1);  // the runner
  EXPECT_NE(WhyNotIdle(state), "");
  EXPECT_THAT(instruments->energy->ReadJoules(), IsOkAndHolds(::testing::Gt(*before)));
}

}  // namespace
}  // namespace cusp::worker
