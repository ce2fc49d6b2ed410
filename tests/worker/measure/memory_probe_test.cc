#include "worker/measure/memory_probe.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/measure/fakes.h"

namespace cusp::measure {
namespace {

using Kind = ScriptedFault::Kind;

constexpr MemoryProbe::Patience kPatience = {.timeout = std::chrono::seconds(1)};

class MemoryProbeTest : public ::testing::Test {
 protected:
  std::vector<ProbeResult> Probe(Script script, int at_once) {
    launcher_ = std::make_unique<FakeLauncher>(std::move(script), clock_);
    return MemoryProbe(setup_, *launcher_, host_, at_once).Run({0, 1}, 1000, 2, kPatience);
  }

  FakeClock clock_;
  FakeHost host_;
  const SweepSetup setup_ = MakeSetup(MakeSpec());
  std::unique_ptr<FakeLauncher> launcher_;
};

TEST_F(MemoryProbeTest, EachVariantGetsAProcessOfItsOwn) {
  const auto results = Probe({}, 1);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].memory.peak_bytes(), 2 * (1'000'000 + 1'000'000 + 4'000'000));
  EXPECT_EQ(results[1].memory.peak_bytes(), 2 * (1'200'000 + 2'200'000));
  EXPECT_EQ(launcher_->launches(), 2);
  EXPECT_EQ(launcher_->most_alive(), 1);
  EXPECT_EQ(launcher_->starts()[0].purpose(), runner::v1::StartRequest::PURPOSE_MEMORY);
}

TEST_F(MemoryProbeTest, CachesOfDecodingAreFilledInSmallPieces) {
  const SweepSetup setup = MakeSetup(MakeDecodeSpec());
  FakeLauncher launcher(Script(), clock_);
  MemoryProbe(setup, launcher, host_, 1).Run({0}, 1000, 2, kPatience);
  ASSERT_EQ(launcher.steps().size(), 1U);
  EXPECT_EQ(launcher.steps()[0].fill_tokens(), 16);
  EXPECT_EQ(launcher.steps()[0].reach(), 16);
}

TEST_F(MemoryProbeTest, ProbesAtOnceShareTheLimit) {
  const auto results = Probe({}, 2);
  EXPECT_THAT(results[1].status, IsOk());
  EXPECT_EQ(launcher_->most_alive(), 2);
  EXPECT_EQ(launcher_->starts()[0].memory_limit_bytes(), int64_t{1} << 29);
}

TEST_F(MemoryProbeTest, ExhaustedShareIsTriedAgainAlone) {
  const auto results =
      Probe({.faults = {{.kind = Kind::kOom, .variant = 0, .length = 1000, .times = 1}}}, 2);
  EXPECT_THAT(results[0].status, IsOk());
  EXPECT_EQ(launcher_->launches(), 3);
  EXPECT_EQ(launcher_->starts()[2].memory_limit_bytes(), int64_t{1} << 30);
}

TEST_F(MemoryProbeTest, WhatDoesNotFitIsData) {
  const auto results = Probe({.memory_limit = 7e6}, 1);
  EXPECT_THAT(results[0].status, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(results[1].status, IsOk());
  EXPECT_EQ(launcher_->launches(), 2);
}

TEST_F(MemoryProbeTest, CrashIsTriedThreeTimes) {
  const auto results =
      Probe({.faults = {{.kind = Kind::kCrash, .variant = 1, .length = 1000, .times = -1}}}, 1);
  EXPECT_THAT(results[0].status, IsOk());
  EXPECT_THAT(results[1].status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(launcher_->launches(), 4);
}

TEST_F(MemoryProbeTest, CrashIsTriedOnceWhereOneTryIsEnough) {
  FakeLauncher launcher({.faults = {{.kind = Kind::kCrash, .variant = 1, .times = -1}}}, clock_);
  const auto results = MemoryProbe(setup_, launcher, host_, 1)
                           .Run({1}, 1000, 2, {.timeout = std::chrono::seconds(1), .tries = 1});
  EXPECT_THAT(results[0].status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(launcher.launches(), 1);
}

TEST_F(MemoryProbeTest, PeakOfNothingIsNoResult) {
  const auto results =
      Probe({.faults = {{.kind = Kind::kZero, .variant = 1, .length = 1000, .times = -1}}}, 1);
  EXPECT_THAT(results[0].status, IsOk());
  EXPECT_THAT(results[1].status, StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(MemoryProbeTest, StopEndsAll) {
  host_.stop = StopRequest::kNow;
  const auto results = Probe({}, 1);
  EXPECT_THAT(results[0].status, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(launcher_->launches(), 0);
}

}  // namespace
}  // namespace cusp::measure
