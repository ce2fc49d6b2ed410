#include "worker/measure/throughput_blocks.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/measure/fakes.h"

namespace cusp::measure {
namespace {

class ThroughputBlocksTest : public ::testing::Test {
 protected:
  v1::Block Measure(ThroughputBlocks& blocks, int64_t length = 512) {
    const auto block =
        blocks.Measure({.length = length, .variants = {1, 0}}, 0, std::chrono::minutes(1));
    EXPECT_THAT(block, IsOk());
    return *block;
  }

  FakeClock clock_;
  FakeHost host_;
  const SweepSetup setup_ = MakeSetup(MakeSpec());
  PointTable points_{setup_};
  FakeLauncher launcher_{Script{.noise = 0, .call_seconds = 20e-3, .memory_limit = 60e6}, clock_};
  RunnerSession session_{setup_, launcher_, host_, clock_};
  BlockRunner runner_{setup_, session_, points_, host_, BlockRunnerOptions()};
};

TEST_F(ThroughputBlocksTest, EachVariantRunsAtItsOwnBestBatch) {
  const ThroughputBlocks::Batches none;
  ThroughputBlocks blocks(setup_, points_, runner_, none);
  const v1::Block block = Measure(blocks);
  EXPECT_EQ(block.batch_size(), 0);
  ASSERT_EQ(block.samples_size(), 4);
  EXPECT_EQ(block.samples(0).metric(), v1::METRIC_THROUGHPUT);
  EXPECT_EQ(block.samples(2).metric(), v1::METRIC_BEST_BATCH);
  const double batch = block.samples(3).value();
  EXPECT_GT(batch, 1);
  // bert: 1e-4 + 1e-6 n + 2e-9 n² for each input, and 20 ms a call.
  const double step = 20e-3 + batch * (1e-4 + 512e-6 + 2e-9 * 512 * 512);
  EXPECT_NEAR(block.samples(1).value(), batch / step, 0.01 * batch / step);
}

TEST_F(ThroughputBlocksTest, TheSearchIsMadeOnceForAPointAndRestored) {
  const ThroughputBlocks::Batches none;
  ThroughputBlocks blocks(setup_, points_, runner_, none);
  const v1::Block first = Measure(blocks);
  const int steps = launcher_.steps_at(512);
  Measure(blocks);
  EXPECT_EQ(launcher_.steps_at(512), steps + 2);

  ThroughputBlocks restored(setup_, points_, runner_, none);
  restored.Restore(first);
  EXPECT_EQ(Measure(restored).samples(3).value(), first.samples(3).value());
  EXPECT_EQ(launcher_.steps_at(512), steps + 4);
}

TEST_F(ThroughputBlocksTest, TheLargestBatchIsTimedOnce) {
  const ThroughputBlocks::Batches largest = {{{1, 512}, 20}};
  ThroughputBlocks blocks(setup_, points_, runner_, largest);
  const v1::Block first = Measure(blocks);
  ASSERT_EQ(first.samples_size(), 5);
  EXPECT_EQ(first.samples(4).metric(), v1::METRIC_LARGEST_BATCH_THROUGHPUT);
  EXPECT_EQ(first.samples(4).variant(), "linformer-0");
  EXPECT_EQ(Measure(blocks).samples_size(), 4);
}

TEST_F(ThroughputBlocksTest, WhatRunsAtNoBatchSaysWhy) {
  const ThroughputBlocks::Batches none;
  ThroughputBlocks blocks(setup_, points_, runner_, none);
  const v1::Block block = Measure(blocks, 2'000'000);
  EXPECT_EQ(block.samples(1).outcome(), v1::OUTCOME_OUT_OF_MEMORY);
}

}  // namespace
}  // namespace cusp::measure
