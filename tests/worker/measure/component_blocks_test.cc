#include "worker/measure/component_blocks.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/measure/fakes.h"

namespace cusp::measure {
namespace {

using Kind = ScriptedFault::Kind;

class ComponentBlocksTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::Block> Measure(Script script) {
    launcher_ = std::make_unique<FakeLauncher>(std::move(script), clock_);
    session_ = std::make_unique<RunnerSession>(setup_, *launcher_, host_, clock_);
    runner_ =
        std::make_unique<BlockRunner>(setup_, *session_, points_, host_, BlockRunnerOptions());
    return ComponentBlocks(setup_, *session_, points_, *runner_)
        .Measure({.length = 512, .variants = {1, 0}}, 1, std::chrono::minutes(1));
  }

  FakeClock clock_;
  FakeHost host_;
  const SweepSetup setup_ = MakeSetup(MakeSpec());
  PointTable points_{setup_};
  std::unique_ptr<FakeLauncher> launcher_;
  std::unique_ptr<RunnerSession> session_;
  std::unique_ptr<BlockRunner> runner_;
};

TEST_F(ComponentBlocksTest, PartsFollowTheWholeOfEachVariant) {
  const auto block = Measure({.noise = 0});
  ASSERT_THAT(block, IsOk());
  ASSERT_EQ(block->samples_size(), 8);
  EXPECT_EQ(block->samples(0).metric(), v1::METRIC_COMPONENTS);
  EXPECT_EQ(block->samples(1).metric(), v1::METRIC_COMPONENTS);
  const double whole = block->samples(0).value();
  double sum = 0;
  for (int i = 2; i < 5; ++i) {
    EXPECT_EQ(block->samples(i).variant(), "linformer-0");
    EXPECT_EQ(block->samples(i).order(), 0);
    sum += block->samples(i).value();
  }
  EXPECT_EQ(block->samples(3).metric(), v1::METRIC_COMPONENT_MIXING);
  EXPECT_NEAR(block->samples(3).value(), 0.5 * whole, 1e-3 * whole);
  EXPECT_NEAR(sum, whole, 1e-3 * whole);
}

TEST_F(ComponentBlocksTest, PassingCrashIsOvercome) {
  const auto block =
      Measure({.faults = {{.kind = Kind::kCrash, .variant = 1, .length = 512, .times = 1}}});
  ASSERT_THAT(block, IsOk());
  EXPECT_EQ(block->samples(0).outcome(), v1::OUTCOME_OK);
}

TEST_F(ComponentBlocksTest, LastingCrashIsRecordedAtItsVariant) {
  const auto block =
      Measure({.faults = {{.kind = Kind::kCrash, .variant = 1, .length = 512, .times = -1}}});
  ASSERT_THAT(block, IsOk());
  EXPECT_EQ(block->samples(0).outcome(), v1::OUTCOME_CRASHED);
  EXPECT_EQ(block->samples(1).outcome(), v1::OUTCOME_OK);
}

TEST_F(ComponentBlocksTest, OutOfMemoryIsRecorded) {
  const auto block = Measure({.memory_limit = 2.4e6});
  ASSERT_THAT(block, IsOk());
  EXPECT_EQ(block->samples(1).outcome(), v1::OUTCOME_OUT_OF_MEMORY);
  EXPECT_EQ(block->samples_size(), 5);
}

TEST_F(ComponentBlocksTest, StoppedSweepIsNoFailedPoint) {
  host_.stop = StopRequest::kNow;
  EXPECT_THAT(Measure({}), StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace cusp::measure
