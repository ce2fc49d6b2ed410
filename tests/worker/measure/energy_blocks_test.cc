#include "worker/measure/energy_blocks.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/measure/fakes.h"

namespace cusp::measure {
namespace {

// A device of so many watts, whatever it does, on the test's clock.
class FakeCounter final : public EnergyCounter {
 public:
  FakeCounter(FakeClock& clock, double watts) : clock_(clock), watts_(watts) {}

  absl::StatusOr<double> ReadJoules() override {
    CUSP_RETURN_IF_ERROR(broken);
    return watts_ * std::chrono::duration<double>(clock_.Now().time_since_epoch()).count();
  }
  absl::StatusOr<double> ReadIdleWatts(Clock::Duration window) override {
    clock_.Advance(window);
    return 0.1 * watts_;
  }

  absl::Status broken;

 private:
  FakeClock& clock_;
  double watts_;
};

class EnergyBlocksTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::Block> Measure(Script script, FakeCounter& counter) {
    launcher_ = std::make_unique<FakeLauncher>(std::move(script), clock_);
    session_ = std::make_unique<RunnerSession>(setup_, *launcher_, host_, clock_);
    runner_ =
        std::make_unique<BlockRunner>(setup_, *session_, points_, host_, BlockRunnerOptions());
    return EnergyBlocks(setup_, *session_, points_, *runner_, counter)
        .Measure({.length = 1000, .variants = {1, 0}}, 1, std::chrono::minutes(1));
  }

  FakeClock clock_;
  FakeHost host_;
  const SweepSetup setup_ = MakeSetup(MakeSpec());
  PointTable points_{setup_};
  std::unique_ptr<FakeLauncher> launcher_;
  std::unique_ptr<RunnerSession> session_;
  std::unique_ptr<BlockRunner> runner_;
};

TEST_F(EnergyBlocksTest, JoulesOfAStepAreThoseOfAWindowOfFiveSeconds) {
  FakeCounter counter(clock_, 200);
  const auto block = Measure({.noise = 0}, counter);
  ASSERT_THAT(block, IsOk());
  ASSERT_EQ(block->samples_size(), 3);
  const v1::Sample& bert = block->samples(1);
  EXPECT_EQ(bert.variant(), "bert");
  // 1e-4 + 1e-6 n + 2e-9 n² seconds at 200 W.
  EXPECT_NEAR(bert.value(), 200 * (1e-4 + 1e-3 + 2e-3), 1e-3);
  EXPECT_GE(bert.calls() * (1e-4 + 1e-3 + 2e-3), 5);
  EXPECT_EQ(block->samples(2).metric(), v1::METRIC_IDLE_POWER);
  EXPECT_NEAR(block->samples(2).value(), 20, 1e-9);
}

TEST_F(EnergyBlocksTest, CounterThatStandsStillIsNoResult) {
  FakeCounter counter(clock_, 0);
  EXPECT_THAT(Measure({}, counter), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(EnergyBlocksTest, FailingCounterEndsTheSweep) {
  FakeCounter counter(clock_, 100);
  counter.broken = absl::UnavailableError("no driver");
  EXPECT_THAT(Measure({}, counter), StatusIs(absl::StatusCode::kUnavailable, "no driver"));
}

TEST_F(EnergyBlocksTest, OutOfMemoryIsRecorded) {
  FakeCounter counter(clock_, 100);
  const auto block = Measure({.memory_limit = 5e6}, counter);
  ASSERT_THAT(block, IsOk());
  EXPECT_EQ(block->samples(0).outcome(), v1::OUTCOME_OK);
  EXPECT_EQ(block->samples(1).outcome(), v1::OUTCOME_OUT_OF_MEMORY);
}

}  // namespace
}  // namespace cusp::measure
