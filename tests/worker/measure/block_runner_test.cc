#include "worker/measure/block_runner.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/measure/fakes.h"

namespace cusp::measure {
namespace {

using Kind = ScriptedFault::Kind;
using ::testing::HasSubstr;

class BlockRunnerTest : public ::testing::Test {
 protected:
  void StartSession(Script script) {
    // An earlier session's connections still refer to their launcher.
    runner_.reset();
    session_.reset();
    launcher_ = std::make_unique<FakeLauncher>(std::move(script), clock_);
    session_ = std::make_unique<RunnerSession>(setup_, *launcher_, host_, clock_);
  }

  absl::StatusOr<v1::Block> Measure(Script script, int64_t length = 512) {
    StartSession(std::move(script));
    runner_ =
        std::make_unique<BlockRunner>(setup_, *session_, points_, host_, BlockRunnerOptions());
    return runner_->Measure(Points(length), MeanOfCalls());
  }

  // The candidate, then the baseline.
  static std::vector<PointKey> Points(int64_t length) {
    return {{.variant = 1, .length = length, .batch_size = 1},
            {.variant = 0, .length = length, .batch_size = 1}};
  }

  static std::vector<PointKey> BaselineTwice() {
    const PointKey baseline{.variant = 0, .length = 512, .batch_size = 1};
    return {baseline, Points(512)[0], baseline};
  }

  FakeClock clock_;
  FakeHost host_;
  const SweepSetup setup_ = MakeSetup(MakeSpec());
  PointTable points_{setup_};
  std::unique_ptr<FakeLauncher> launcher_;
  std::unique_ptr<RunnerSession> session_;
  std::unique_ptr<BlockRunner> runner_;
};

TEST_F(BlockRunnerTest, MeasuresEachVariantOnceInTheOrderTold) {
  const auto block = Measure({});
  ASSERT_THAT(block, IsOk());
  ASSERT_EQ(block->samples_size(), 2);
  EXPECT_EQ(block->samples(0).variant(), "linformer-0");
  EXPECT_EQ(block->samples(0).order(), 0);
  EXPECT_EQ(block->samples(1).variant(), "bert");
  EXPECT_NEAR(block->samples(1).value(), 1e-4 + 512e-6 + 2e-9 * 512 * 512, 2e-5);
  EXPECT_EQ(block->samples(1).outcome(), v1::OUTCOME_OK);
}

TEST_F(BlockRunnerTest, VariantThatIsPlannedTwiceHasTwoSamples) {
  StartSession({});
  BlockRunner runner(setup_, *session_, points_, host_, BlockRunnerOptions());
  const auto block = runner.Measure(BaselineTwice(), MeanOfCalls(), /*again=*/0);
  ASSERT_THAT(block, IsOk());
  ASSERT_EQ(block->samples_size(), 3);
  EXPECT_EQ(block->samples(0).metric(), v1::METRIC_SAME_AGAIN);
  EXPECT_EQ(block->samples(0).variant(), "bert");
  EXPECT_EQ(block->samples(2).metric(), v1::METRIC_LATENCY);
  EXPECT_EQ(block->samples(2).order(), 2);
  EXPECT_NEAR(block->samples(0).value() / block->samples(2).value(), 1, 0.02);
  // Each has its own result.
  EXPECT_NE(block->samples(0).value(), block->samples(2).value());
}

TEST_F(BlockRunnerTest, SecondSampleThatCannotBeHadIsLeftOut) {
  StartSession({.faults = {{.kind = Kind::kOom, .variant = 0}}});
  BlockRunner runner(setup_, *session_, points_, host_, BlockRunnerOptions());
  const auto block = runner.Measure(BaselineTwice(), MeanOfCalls(), /*again=*/2);
  ASSERT_THAT(block, IsOk());
  ASSERT_EQ(block->samples_size(), 2);
  EXPECT_EQ(block->samples(0).outcome(), v1::OUTCOME_OUT_OF_MEMORY);
  EXPECT_EQ(block->samples(1).outcome(), v1::OUTCOME_OK);
}

TEST_F(BlockRunnerTest, ShortStepsAreRepeatedInsideASample) {
  const Script script{.variants = {{.seconds = {.a = 1e-5, .b = 0, .c = 0}, .bytes = {}},
                                   {.seconds = {.a = 1, .b = 0, .c = 0}, .bytes = {}}}};
  const auto block = Measure(script);
  ASSERT_THAT(block, IsOk());
  EXPECT_EQ(block->samples(0).calls(), 1);
  EXPECT_GE(block->samples(1).calls(), 100);
  EXPECT_NEAR(block->samples(1).value(), 1e-5, 1e-6);
}

TEST_F(BlockRunnerTest, WarmUpHappensOncePerProcessAndLength) {
  ASSERT_THAT(Measure({.noise = 0}), IsOk());
  const int first = launcher_->steps_at(512);
  EXPECT_GE(first, 6);  // at least two calls of each, and the block
  ASSERT_THAT(runner_->Measure(Points(512), MeanOfCalls()), IsOk());
  EXPECT_EQ(launcher_->steps_at(512), first + 2);
}

TEST_F(BlockRunnerTest, PassingCrashIsOvercome) {
  const auto block =
      Measure({.faults = {{.kind = Kind::kCrash, .variant = 1, .length = 512, .times = 2}}});
  ASSERT_THAT(block, IsOk());
  EXPECT_EQ(block->samples(0).outcome(), v1::OUTCOME_OK);
  EXPECT_EQ(launcher_->launches(), 3);
}

TEST_F(BlockRunnerTest, LastingCrashIsRecordedAtItsPoint) {
  const auto block =
      Measure({.faults = {{.kind = Kind::kCrash, .variant = 1, .length = 512, .times = -1}}});
  ASSERT_THAT(block, IsOk());
  EXPECT_EQ(block->samples(0).outcome(), v1::OUTCOME_CRASHED);
  EXPECT_THAT(block->samples(0).failure_message(), HasSubstr("signal 11"));
  EXPECT_EQ(block->samples(1).outcome(), v1::OUTCOME_OK);
  EXPECT_EQ(launcher_->launches(), 4);
}

TEST_F(BlockRunnerTest, HangIsRecordedAsTimedOut) {
  const auto block =
      Measure({.faults = {{.kind = Kind::kHang, .variant = 0, .length = 512, .times = -1}}});
  ASSERT_THAT(block, IsOk());
  EXPECT_EQ(block->samples(1).outcome(), v1::OUTCOME_TIMED_OUT);
}

TEST_F(BlockRunnerTest, OutOfMemoryIsNotTriedAgain) {
  const auto block = Measure({.memory_limit = 2.4e6});
  ASSERT_THAT(block, IsOk());
  EXPECT_EQ(block->samples(1).outcome(), v1::OUTCOME_OUT_OF_MEMORY);
  EXPECT_EQ(block->samples(0).outcome(), v1::OUTCOME_OK);
  EXPECT_EQ(launcher_->launches(), 1);
}

TEST_F(BlockRunnerTest, CrashInsideABlockIsBlamedOnItsVariant) {
  // Warm after the first block; then the second variant's third use dies.
  Script script{.noise = 0};
  script.faults = {{.kind = Kind::kCrash, .variant = 0, .length = 512, .times = -1}};
  ASSERT_THAT(Measure({.noise = 0}), IsOk());
  // The same points are warm in a process of the same number.
  StartSession(script);
  ASSERT_THAT(session_->EnsureReady(std::chrono::seconds(1)), IsOk());
  BlockRunner runner(setup_, *session_, points_, host_, BlockRunnerOptions());
  const auto block = runner.Measure(Points(512), MeanOfCalls());
  ASSERT_THAT(block, IsOk());
  EXPECT_EQ(block->samples(0).outcome(), v1::OUTCOME_OK);
  EXPECT_EQ(block->samples(1).outcome(), v1::OUTCOME_CRASHED);
}

TEST_F(BlockRunnerTest, SingleCallsTakeTurnsAndCrashesAmongThemAreBlamed) {
  StartSession({.noise = 0.05});
  const PercentileOfCalls shape(v1::METRIC_LATENCY_P90, v1::MODE_INFERENCE, 1);
  BlockRunner runner(setup_, *session_, points_, host_, BlockRunnerOptions());
  const auto block = runner.Measure(Points(512), shape);
  ASSERT_THAT(block, IsOk());
  ASSERT_EQ(block->samples_size(), 2);
  EXPECT_EQ(block->samples(0).metric(), v1::METRIC_LATENCY_P90);
  EXPECT_EQ(block->samples(0).calls(), 40);
  EXPECT_GT(block->samples(0).value(), 0);

  StartSession({.faults = {{.kind = Kind::kCrash, .variant = 0, .length = 512, .times = -1}}});
  ASSERT_THAT(session_->EnsureReady(std::chrono::seconds(1)), IsOk());
  BlockRunner again(setup_, *session_, points_, host_, BlockRunnerOptions());
  const auto crashed = again.Measure(Points(512), shape);
  ASSERT_THAT(crashed, IsOk());
  EXPECT_EQ(crashed->samples(0).outcome(), v1::OUTCOME_OK);
  EXPECT_EQ(crashed->samples(1).outcome(), v1::OUTCOME_CRASHED);
}

TEST_F(BlockRunnerTest, AbandonedSweepIsNotAFailedPoint) {
  host_.stop = StopRequest::kNow;
  EXPECT_THAT(Measure({}), StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace cusp::measure
