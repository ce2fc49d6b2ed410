#include "worker/measure/self_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/worker/measure/fakes.h"

namespace cusp::measure {
namespace {

class SelfCheckTest : public ::testing::Test {
 protected:
  static v1::Block Block(double first, double again, int64_t length = 128) {
    v1::Block block;
    block.set_length(length);
    block.set_batch_size(1);
    for (const auto& [metric, value] :
         {std::pair(v1::METRIC_SAME_AGAIN, again), std::pair(v1::METRIC_LATENCY, first)}) {
      v1::Sample& sample = *block.add_samples();
      sample.set_variant("bert");
      sample.set_metric(metric);
      sample.set_value(value);
      sample.set_outcome(v1::OUTCOME_OK);
    }
    return block;
  }

  const SweepSetup setup_ = MakeSetup(MakeSpec());
  SelfCheck check_{setup_, {64, 128, 256}, 1};
};

TEST_F(SelfCheckTest, SecondShortestLengthServes) {
  EXPECT_EQ(check_.length(), 128);
  EXPECT_EQ(SelfCheck(setup_, {64}, 1).length(), 64);
}

TEST_F(SelfCheckTest, BaselineIsInsertedAtEveryPosition) {
  std::set<size_t> positions;
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    v1::JobSpec spec = MakeSpec();
    spec.set_seed(seed);
    const SweepSetup setup = MakeSetup(spec);
    SelfCheck check(setup, {64, 128}, 1);
    for (int i = 0; i < 8; ++i) {
      analysis::PlannedBlock planned{.length = 128, .variants = {1, 0}};
      const auto at = check.Insert(1, planned);
      ASSERT_TRUE(at.has_value());
      EXPECT_EQ(planned.variants[*at], 0U);
      EXPECT_EQ(std::count(planned.variants.begin(), planned.variants.end(), 0U), 2);
      positions.insert(*at);
      check.Add(Block(1, 1));
    }
  }
  EXPECT_EQ(positions.size(), 3U);
}

TEST_F(SelfCheckTest, EightBlocksAreEnough) {
  for (int i = 0; i < 8; ++i) {
    EXPECT_TRUE(check_.Wanting());
    check_.Add(Block(1, 1));
  }
  EXPECT_FALSE(check_.Wanting());
  analysis::PlannedBlock planned{.length = 128, .variants = {1, 0}};
  EXPECT_FALSE(check_.Insert(1, planned).has_value());
}

TEST_F(SelfCheckTest, OtherBlocksAreLeftAlone) {
  analysis::PlannedBlock elsewhere{.length = 64, .variants = {0, 1}};
  EXPECT_FALSE(check_.Insert(1, elsewhere).has_value());
  analysis::PlannedBlock without{.length = 128, .variants = {1}};
  EXPECT_FALSE(check_.Insert(1, without).has_value());
  analysis::PlannedBlock batched{.length = 128, .variants = {0, 1}};
  EXPECT_FALSE(check_.Insert(4, batched).has_value());
  EXPECT_EQ(batched.variants.size(), 2U);
  for (int i = 0; i < 8; ++i) {
    check_.Add(Block(1, 1, 64));
  }
  EXPECT_FALSE(check_.Result().has_value());
}

TEST_F(SelfCheckTest, RatioIsTheSecondSampleOverTheFirst) {
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(check_.Result().has_value(), i >= 4);
    check_.Add(Block(1, 1.2 + 0.001 * i));
  }
  const v1::SelfCheck result = check_.Result().value();
  EXPECT_EQ(result.variant(), "bert");
  EXPECT_EQ(result.length(), 128);
  EXPECT_EQ(result.blocks(), 8);
  EXPECT_NEAR(result.median_ratio(), 1.2035, 1e-9);
  EXPECT_TRUE(result.differs());
}

TEST_F(SelfCheckTest, SampleThatFailedIsNoPair) {
  for (int i = 0; i < 8; ++i) {
    v1::Block block = Block(1, 1);
    block.mutable_samples(1)->set_outcome(v1::OUTCOME_CRASHED);
    check_.Add(block);
  }
  EXPECT_TRUE(check_.Wanting());
  EXPECT_FALSE(check_.Result().has_value());
}

}  // namespace
}  // namespace cusp::measure
