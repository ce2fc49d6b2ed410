#include "worker/measure/timed_blocks.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/measure/fakes.h"

namespace cusp::measure {
namespace {

TEST(TimedBlocksTest, BlocksAreOfTheShapeTold) {
  FakeClock clock;
  FakeHost host;
  const SweepSetup setup = MakeSetup(MakeSpec());
  PointTable points(setup);
  FakeLauncher launcher(Script(), clock);
  RunnerSession session(setup, launcher, host, clock);
  BlockRunner runner(setup, session, points, host, BlockRunnerOptions());
  const PercentileOfCalls shape(v1::METRIC_LATENCY_P99, v1::MODE_INFERENCE, 1);
  const auto block = TimedBlocks(runner, shape)
                         .Measure({.length = 256, .variants = {0, 1}}, 2, std::chrono::minutes(1));
  ASSERT_THAT(block, IsOk());
  EXPECT_EQ(block->batch_size(), 2);
  EXPECT_EQ(block->length(), 256);
  EXPECT_EQ(block->samples(1).variant(), "linformer-0");
  EXPECT_EQ(block->samples(1).calls(), 400);
}

class DecodeBlockTest : public ::testing::Test {
 protected:
  v1::Block Measure() {
    auto block = blocks_.Measure({.length = 512, .variants = {1, 0}}, 1, std::chrono::minutes(1));
    EXPECT_THAT(block, IsOk());
    return *std::move(block);
  }

  FakeClock clock_;
  FakeHost host_;
  const SweepSetup setup_ = MakeSetup(MakeDecodeSpec());
  PointTable points_{setup_};
  FakeLauncher launcher_{Script(), clock_};
  RunnerSession session_{setup_, launcher_, host_, clock_};
  BlockRunner runner_{setup_, session_, points_, host_, BlockRunnerOptions()};
  LatencyBlocks blocks_{setup_, session_, points_, runner_, nullptr};
};

TEST_F(DecodeBlockTest, FirstTokensAreRecordedBesideTheSteps) {
  const v1::Block block = Measure();
  ASSERT_EQ(block.samples_size(), 4);
  EXPECT_EQ(block.samples(0).metric(), v1::METRIC_LATENCY);
  EXPECT_EQ(block.samples(1).metric(), v1::METRIC_LATENCY);
  EXPECT_EQ(block.samples(2).metric(), v1::METRIC_FIRST_TOKEN);
  EXPECT_EQ(block.samples(2).variant(), "linear");
  EXPECT_EQ(block.samples(2).order(), 2);
  EXPECT_NEAR(block.samples(3).value() / block.samples(1).value(), 10, 0.5);
}

TEST_F(DecodeBlockTest, FirstTokensEndAfterEightBlocks) {
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(Measure().samples_size(), 4);
  }
  EXPECT_EQ(Measure().samples_size(), 2);
}

TEST_F(DecodeBlockTest, PercentilesTakeTheStepsOfARunOneByOne) {
  const PercentileOfCalls shape(v1::METRIC_LATENCY_P90, v1::MODE_DECODE, 1);
  TimedBlocks percentiles(runner_, shape);
  const auto block =
      percentiles.Measure({.length = 512, .variants = {1, 0}}, 1, Clock::Duration{0});
  ASSERT_THAT(block, IsOk());
  ASSERT_EQ(block->samples_size(), 2);
  EXPECT_EQ(block->samples(0).metric(), v1::METRIC_LATENCY_P90);
  EXPECT_EQ(block->samples(0).calls(), 40);
  EXPECT_NEAR(block->samples(0).value() / Measure().samples(0).value(), 1, 0.2);
  int single = 0;
  for (const runner::v1::Step& step : launcher_.steps()) {
    single += step.each_call() ? step.calls() : 0;
  }
  EXPECT_EQ(single, 80);
}

TEST_F(DecodeBlockTest, CachesAreFilledInPiecesButForTheFirstToken) {
  Measure();
  for (const runner::v1::Step& step : launcher_.steps()) {
    EXPECT_EQ(step.fill_tokens(), step.first_token() ? 0 : 2048);
    EXPECT_EQ(step.reach(), 16);
  }
}

}  // namespace
}  // namespace cusp::measure
