#include "worker/measure/noise.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::measure {
namespace {

std::string Line(const std::string& name, uint64_t user, uint64_t idle, uint64_t steal) {
  return name + " " + std::to_string(user) + " 0 0 " + std::to_string(idle) + " 0 0 0 " +
         std::to_string(steal) + " 0 0\n";
}

// Clock ticks of 10 ms that pass during a run.
struct Passing {
  uint64_t user = 0;
  uint64_t idle = 0;
  uint64_t steal = 0;
};

class NoiseWatchTest : public ::testing::Test {
 protected:
  void Write() {
    folder_.Write("stat", Line("cpu ", 9999 * now_.user, 0, 0) + Line("cpu0", 1, 1, 1) +
                              Line("cpu1", now_.user, now_.idle, now_.steal));
  }

  void Run(Passing passing, const runner::v1::RunResponse& response = {}) {
    Write();
    watch_.Start();
    now_ = {now_.user + passing.user, now_.idle + passing.idle, now_.steal + passing.steal};
    Write();
    watch_.Finish(response);
  }

  v1::Block Seen() {
    v1::Block block;
    watch_.Describe(block);
    return block;
  }

  static runner::v1::RunResponse Response(int64_t cpu_ms, int64_t wait_ms) {
    runner::v1::RunResponse response;
    response.set_cpu_time_ns(cpu_ms * 1'000'000);
    response.set_cpu_wait_ns(wait_ms * 1'000'000);
    response.set_involuntary_switches(3);
    return response;
  }

  TempDir folder_;
  NoiseWatch watch_{{.proc_stat = folder_.Join("stat"), .cpus = {0, 1}}};
  Passing now_{.user = 100, .idle = 100, .steal = 0};
};

TEST_F(NoiseWatchTest, OwnTimeIsNoDisturbance) {
  Run({.user = 50, .idle = 50}, Response(500, 0));
  EXPECT_NEAR(Seen().others_share(), 0, 1e-9);
  EXPECT_EQ(Seen().steal_share(), 0);
  EXPECT_FALSE(IsDisturbed(Seen()));
}

TEST_F(NoiseWatchTest, NeighbourShowsAsTimeOfOthers) {
  Run({.user = 80, .idle = 20}, Response(500, 0));
  EXPECT_NEAR(Seen().others_share(), 0.3, 1e-9);
  EXPECT_TRUE(IsDisturbed(Seen()));
}

TEST_F(NoiseWatchTest, StolenTimeIsAShareOfWhatWasUsed) {
  Run({.user = 50, .idle = 0, .steal = 50}, Response(500, 0));
  EXPECT_NEAR(Seen().steal_share(), 0.5, 1e-9);
  EXPECT_TRUE(IsDisturbed(Seen()));
}

TEST_F(NoiseWatchTest, WaitingIsAShareOfTheTimeThatItCouldRun) {
  Run({}, Response(60, 20));
  EXPECT_NEAR(Seen().wait_share(), 0.25, 1e-9);
  EXPECT_TRUE(IsDisturbed(Seen()));
}

TEST_F(NoiseWatchTest, FewTicksProveNothing) {
  Run({.user = 9, .idle = 0, .steal = 9});
  EXPECT_EQ(Seen().steal_share(), 0);
  EXPECT_EQ(Seen().others_share(), 0);
}

TEST_F(NoiseWatchTest, RunsOfABlockAddUpUntilTheNext) {
  runner::v1::RunResponse response = Response(50, 0);
  response.set_major_faults(2);
  Run({.user = 10, .idle = 0, .steal = 5}, response);
  Run({.user = 10, .idle = 0, .steal = 5}, response);
  EXPECT_NEAR(Seen().steal_share(), 10.0 / 30, 1e-9);
  EXPECT_EQ(Seen().involuntary_switches(), 6);
  EXPECT_EQ(Seen().major_faults(), 4);
  watch_.Reset();
  EXPECT_EQ(Seen().involuntary_switches(), 0);
  EXPECT_EQ(Seen().steal_share(), 0);
}

TEST_F(NoiseWatchTest, CountersThatStepBackCountNothing) {
  Write();
  watch_.Start();
  now_ = {.user = 60, .idle = 140, .steal = 0};
  Write();
  watch_.Finish({});
  EXPECT_EQ(Seen().others_share(), 0);
}

class FakeDevice final : public DeviceWatch {
 public:
  DeviceState Read() override { return state; }
  DeviceState state = {.graphics_clock_mhz = 1980, .processes = 1};
};

class DeviceNoiseTest : public ::testing::Test {
 protected:
  v1::Block RunTwice(const DeviceState& first, const DeviceState& second) {
    FakeDevice device;
    NoiseWatch watch({.proc_stat = "/nowhere", .device = &device});
    for (const DeviceState& state : {first, second}) {
      watch.Start();
      device.state = state;
      watch.Finish({});
    }
    v1::Block block;
    watch.Describe(block);
    return block;
  }

  const DeviceState calm_ = FakeDevice().state;
};

TEST_F(DeviceNoiseTest, RunnerAloneAtAnyClockIsQuiet) {
  DeviceState capped = calm_;
  capped.graphics_clock_mhz = 1410;
  capped.clock_limits = 0x4;
  const v1::Block block = RunTwice(capped, calm_);
  EXPECT_EQ(block.device_clock_mhz(), 1410);
  EXPECT_EQ(ClockLimitsText(block.clock_limits()), "power cap");
  EXPECT_EQ(block.device_others(), 0);
  EXPECT_FALSE(IsDisturbed(block));
}

TEST_F(DeviceNoiseTest, AnotherProcessInOneRunDisturbsTheBlock) {
  DeviceState shared = calm_;
  shared.processes = 3;
  EXPECT_EQ(RunTwice(shared, calm_).device_others(), 2);
  EXPECT_TRUE(IsDisturbed(RunTwice(shared, calm_)));
}

TEST_F(DeviceNoiseTest, HeatInOneRunDisturbsTheBlock) {
  DeviceState hot = calm_;
  hot.clock_limits = 0x20;
  EXPECT_TRUE(IsDisturbed(RunTwice(calm_, hot)));
}

TEST_F(DeviceNoiseTest, DriverThatTellsNothingIsQuiet) {
  const v1::Block block = RunTwice({}, {});
  EXPECT_EQ(block.device_others(), 0);
  EXPECT_FALSE(IsDisturbed(block));
}

TEST_F(DeviceNoiseTest, AllocatorThatHadToTryAgainDisturbsTheBlock) {
  NoiseWatch watch({.proc_stat = "/nowhere"});
  runner::v1::RunResponse response;
  response.set_allocator_retries(1);
  watch.Start();
  watch.Finish(response);
  v1::Block block;
  watch.Describe(block);
  EXPECT_EQ(block.allocator_retries(), 1);
  EXPECT_TRUE(IsDisturbed(block));
}

TEST(NoiseTest, MissingFileCountsAsQuiet) {
  NoiseWatch watch({.proc_stat = "/nowhere"});
  watch.Start();
  watch.Finish({});
  v1::Block block;
  watch.Describe(block);
  EXPECT_FALSE(IsDisturbed(block));
}

TEST(NoiseTest, FaultsAreJudgedByTheirRate) {
  v1::Block block;
  v1::Sample& sample = *block.add_samples();
  sample.set_metric(v1::METRIC_LATENCY);
  sample.set_outcome(v1::OUTCOME_OK);
  sample.set_value(0.5);
  sample.set_calls(2);
  block.set_major_faults(10);
  EXPECT_FALSE(IsDisturbed(block));
  block.set_major_faults(11);
  EXPECT_TRUE(IsDisturbed(block));
}

TEST(NoiseGateTest, AlwaysDisturbedMachineStillMeasures) {
  NoiseGate gate;
  v1::Block robbed;
  robbed.set_steal_share(0.5);
  EXPECT_FALSE(gate.ShouldDiscard(v1::Block()));
  EXPECT_TRUE(gate.ShouldDiscard(robbed));
  int kept = 0;
  for (int i = 0; i < 100; ++i) {
    kept += gate.ShouldDiscard(robbed) ? 0 : 1;
  }
  EXPECT_GE(kept, 75);
  EXPECT_LT(kept, 85);
}

TEST(ParseCpuTimesTest, OneLineOrTheSumOfSome) {
  const std::string text = Line("cpu ", 30, 7, 5) + Line("cpu0", 10, 3, 2) +
                           Line("cpu1", 20, 4, 3) + Line("cpu10", 1000, 0, 0) + "intr 1 2\n";
  EXPECT_EQ(ParseCpuTimes(text, {})->busy, 30U);
  EXPECT_EQ(ParseCpuTimes(text, {1})->busy, 20U);
  EXPECT_EQ(ParseCpuTimes(text, {0, 1})->steal, 5U);
  EXPECT_EQ(ParseCpuTimes(text, {0, 10})->idle, 3U);
}

TEST(ParseCpuTimesTest, OtherTextIsRefused) {
  EXPECT_THAT(ParseCpuTimes("cpu 1 2 3", {}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseCpuTimes("intr 1 2 3 4 5 6 7 8", {}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseCpuTimes(Line("cpu0", 1, 1, 1), {1}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace cusp::measure
