#include "worker/measure/memory_blocks.h"

#include <gtest/gtest.h>

#include "catalog/metrics.h"
#include "tests/support/status_matchers.h"
#include "tests/worker/measure/fakes.h"

namespace cusp::measure {
namespace {

using Kind = ScriptedFault::Kind;
constexpr Clock::Duration kTimeout = std::chrono::seconds(1);

class MemoryBlocksTest : public ::testing::Test {
 protected:
  void Start(Script script) {
    launcher_ = std::make_unique<FakeLauncher>(std::move(script), clock_);
    probe_ = std::make_unique<MemoryProbe>(setup_, *launcher_, host_, 1);
  }

  v1::Block Measure(BlockMeasurer& blocks, int64_t length) {
    const auto block =
        blocks.Measure({.length = length, .variants = {0, 1}}, 2, std::chrono::hours(1));
    EXPECT_THAT(block, IsOk());
    return *block;
  }

  FakeClock clock_;
  FakeHost host_;
  const SweepSetup setup_ = MakeSetup(MakeSpec());
  std::unique_ptr<FakeLauncher> launcher_;
  std::unique_ptr<MemoryProbe> probe_;
};

TEST_F(MemoryBlocksTest, HostMemoryIsRecordedBesideThePeak) {
  Start({});
  PeakMemoryBlocks blocks(setup_, *probe_, kTimeout);
  const v1::Block block = Measure(blocks, 1000);
  ASSERT_EQ(block.samples_size(), 4);
  EXPECT_EQ(block.samples(0).metric(), v1::METRIC_PEAK_MEMORY);
  EXPECT_EQ(block.samples(0).value(), 2.0 * 6'000'000);
  EXPECT_EQ(block.samples(2).metric(), v1::METRIC_HOST_MEMORY);
  EXPECT_GT(block.samples(2).value(), block.samples(0).value());
}

TEST_F(MemoryBlocksTest, WhatDoesNotFitHasNothingBeside) {
  Start({.memory_limit = 7e6});
  PeakMemoryBlocks blocks(setup_, *probe_, kTimeout);
  const v1::Block block = Measure(blocks, 1000);
  EXPECT_EQ(block.samples(0).outcome(), v1::OUTCOME_OUT_OF_MEMORY);
  EXPECT_EQ(block.samples_size(), 3);
}

TEST_F(MemoryBlocksTest, LargestBatchIsSearchedFromThatOfAnotherLength) {
  // bert takes 6 MB an input at 1,000 tokens.
  Start({.memory_limit = 600e6});
  LargestBatchBlocks blocks(setup_, *probe_, clock_, kTimeout);
  const v1::Block block = Measure(blocks, 1000);
  EXPECT_EQ(block.batch_size(), 0);
  EXPECT_LE(block.samples(0).value(), 100);
  EXPECT_GT(block.samples(0).value(), 93);
  EXPECT_EQ(blocks.found().at({0, 1000}), block.samples(0).value());
  const int launches = launcher_->launches();
  Measure(blocks, 2000);
  EXPECT_LT(launcher_->launches() - launches, launches);
}

TEST_F(MemoryBlocksTest, WhatTakesTooLongLeavesALowerBound) {
  Start({.faults = {{.kind = Kind::kHang, .variant = 0, .length = 1000, .times = 1}}});
  LargestBatchBlocks blocks(setup_, *probe_, clock_, kTimeout);
  const v1::Block block = Measure(blocks, 1000);
  EXPECT_EQ(block.samples(0).outcome(), v1::OUTCOME_TIMED_OUT);
  // Its steps become too slow before they become too large.
  EXPECT_EQ(block.samples(1).failure_message(), "larger ones were not tried");
}

TEST_F(MemoryBlocksTest, TimeEndsASearchOnceOneFits) {
  Start({.memory_limit = 600e6});
  LargestBatchBlocks blocks(setup_, *probe_, clock_, kTimeout);
  const auto block =
      blocks.Measure({.length = 1000, .variants = {0, 1}}, 0, Clock::Duration::zero());
  ASSERT_THAT(block, IsOk());
  EXPECT_EQ(launcher_->launches(), 2);  // one for each variant, or there would be no sample
  for (const v1::Sample& sample : block->samples()) {
    EXPECT_EQ(sample.value(), 1);
    EXPECT_TRUE(catalog::IsLowerBound(sample));
  }
}

TEST_F(MemoryBlocksTest, BatchThatIsKnownNotToFitBoundsTheSearch) {
  Start({.memory_limit = 600e6});
  LargestBatchBlocks blocks(setup_, *probe_, clock_, kTimeout);
  EXPECT_FALSE(catalog::IsLowerBound(Measure(blocks, 1000).samples(0)));
}

TEST_F(MemoryBlocksTest, CrashIsRecordedAndFoundBatchesAreRestored) {
  Start({.faults = {{.kind = Kind::kCrash, .variant = 1, .length = 1000, .times = -1}}});
  LargestBatchBlocks blocks(setup_, *probe_, clock_, kTimeout);
  const v1::Block block = Measure(blocks, 1000);
  EXPECT_EQ(block.samples(1).outcome(), v1::OUTCOME_CRASHED);
  LargestBatchBlocks restored(setup_, *probe_, clock_, kTimeout);
  restored.Restore(block);
  EXPECT_EQ(restored.found(), blocks.found());
}

}  // namespace
}  // namespace cusp::measure
