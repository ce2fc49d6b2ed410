#include "worker/measure/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/metrics.h"
#include "tests/worker/measure/fakes.h"

namespace cusp::measure {
namespace {

v1::Block MakeBlock(v1::Metric metric, int64_t length, double baseline, double candidate) {
  v1::Block block;
  block.set_length(length);
  block.set_batch_size(1);
  for (const auto& [name, value] : {std::pair("bert", baseline), {"linformer-0", candidate}}) {
    v1::Sample& sample = *block.add_samples();
    sample.set_variant(name);
    sample.set_metric(metric);
    sample.set_value(value);
    sample.set_outcome(value > 0 ? v1::OUTCOME_OK : v1::OUTCOME_OUT_OF_MEMORY);
  }
  return block;
}

void SetList(const std::vector<int64_t>& lengths, v1::JobSpec& spec) {
  spec.mutable_lengths()->Clear();
  spec.mutable_lengths()->mutable_list()->Add(lengths.begin(), lengths.end());
  catalog::ApplyDefaults(spec);
}

TEST(PlanTest, OwnsBlocksOfItsMetricAndBatch) {
  const SweepSetup setup = MakeSetup(MakeSpec());
  const Plan plan(setup, v1::METRIC_PEAK_MEMORY, 1);
  EXPECT_TRUE(plan.Owns(MakeBlock(v1::METRIC_PEAK_MEMORY, 64, 1, 1)));
  EXPECT_FALSE(plan.Owns(MakeBlock(v1::METRIC_LATENCY, 64, 1, 1)));
  v1::Block other = MakeBlock(v1::METRIC_PEAK_MEMORY, 64, 1, 1);
  other.set_batch_size(2);
  EXPECT_FALSE(plan.Owns(other));
}

TEST(PlanTest, CostsAreMediansWithIntervals) {
  const SweepSetup setup = MakeSetup(MakeSpec());
  Plan plan(setup, v1::METRIC_LATENCY, 1);
  for (const double value : {3.0, 1.0, 2.0}) {
    plan.Add(MakeBlock(v1::METRIC_LATENCY, 64, value, 2 * value));
  }
  const auto costs = plan.Costs();
  ASSERT_EQ(costs.size(), 2U);
  EXPECT_EQ(costs[0].variant(), "bert");
  EXPECT_EQ(costs[0].median(), 2);
  EXPECT_EQ(costs[0].low(), 1);
  EXPECT_EQ(costs[1].high(), 6);
  EXPECT_EQ(costs[1].samples(), 3);
}

TEST(PlanTest, WhatIsRecordedBesideHasCostsAndIsNoPlan) {
  const SweepSetup setup = MakeSetup(MakeDecodeSpec());
  Plan plan(setup, v1::METRIC_LATENCY, 1);
  v1::Block block = MakeBlock(v1::METRIC_LATENCY, 64, 1, 1);
  *block.add_samples() = MakeBlock(v1::METRIC_FIRST_TOKEN, 64, 30, 1).samples(0);
  EXPECT_TRUE(plan.Owns(block));
  plan.Add(block);
  const auto costs = plan.Costs();
  ASSERT_EQ(costs.size(), 2U);
  EXPECT_EQ(costs[0].metric(), v1::METRIC_LATENCY);
  EXPECT_EQ(costs[0].median(), 1);
  EXPECT_EQ(costs[1].metric(), v1::METRIC_FIRST_TOKEN);
  EXPECT_EQ(costs[1].median(), 30);
}

TEST(PlanTest, WhatIsRecordedBesideIsComparedFromItsBlocks) {
  const SweepSetup setup = MakeSetup(MakeDecodeSpec());
  Plan plan(setup, v1::METRIC_LATENCY, 1);
  for (int i = 0; i < 8; ++i) {
    for (const int64_t length : {64, 512, 2048}) {
      v1::Block block;
      block.set_length(length);
      block.set_batch_size(1);
      for (const v1::Metric metric : {v1::METRIC_LATENCY, v1::METRIC_FIRST_TOKEN}) {
        for (const char* name : {"bert", "linear"}) {
          v1::Sample& sample = *block.add_samples();
          sample.set_variant(name);
          sample.set_metric(metric);
          sample.set_outcome(v1::OUTCOME_OK);
          // Of first tokens the candidate is dearer at the shortest alone.
          const bool dear = metric == v1::METRIC_FIRST_TOKEN && length == 64;
          sample.set_value((name[0] == 'b' ? 1.0 : dear ? 2.0 : 0.5) * (1 + 1e-3 * i));
        }
      }
      plan.Add(block);
    }
  }
  const auto beside = plan.ComparisonsBeside();
  ASSERT_EQ(beside.size(), 1U);
  EXPECT_EQ(beside[0].metric(), v1::METRIC_FIRST_TOKEN);
  EXPECT_EQ(beside[0].verdict(), v1::VERDICT_CROSSES);
  EXPECT_LE(beside[0].first().high(), 512);
  EXPECT_EQ(plan.Comparisons()[0].comparison.verdict(), v1::VERDICT_ALWAYS);
}

TEST(PlanTest, MoreThroughputIsCheaper) {
  v1::JobSpec spec = MakeSpec();
  SetList({64, 128}, spec);
  const SweepSetup setup = MakeSetup(spec);
  Plan plan(setup, v1::METRIC_THROUGHPUT, 0);
  for (int i = 0; i < 8; ++i) {
    for (const auto& [length, candidate] : {std::pair(64, 5.0), {128, 20.0}}) {
      v1::Block block = MakeBlock(v1::METRIC_THROUGHPUT, length, 10 + 1e-3 * i, candidate);
      block.set_batch_size(0);
      ASSERT_TRUE(plan.Owns(block));
      plan.Add(block);
    }
  }
  const v1::Comparison found = plan.Comparisons()[0].comparison;
  ASSERT_EQ(found.crossings_size(), 1);
  EXPECT_EQ(found.crossings(0).direction(), v1::DIRECTION_CHEAPER);
  EXPECT_NEAR(plan.Costs()[0].median(), 10, 0.01);
}

TEST(PlanTest, SecondSampleOfTheCheckIsNoCost) {
  const SweepSetup setup = MakeSetup(MakeSpec());
  Plan plan(setup, v1::METRIC_LATENCY, 1);
  v1::Block block = MakeBlock(v1::METRIC_SAME_AGAIN, 64, 7, 7);
  block.mutable_samples()->RemoveLast();
  block.MergeFrom(MakeBlock(v1::METRIC_LATENCY, 64, 1, 2));
  ASSERT_TRUE(plan.Owns(block));
  plan.Add(block);
  ASSERT_EQ(plan.Costs().size(), 2U);
  EXPECT_EQ(plan.Costs()[0].median(), 1);
}

TEST(PlanTest, DisturbedBlocksAreCounted) {
  const SweepSetup setup = MakeSetup(MakeSpec());
  Plan plan(setup, v1::METRIC_LATENCY, 1);
  v1::Block block = MakeBlock(v1::METRIC_LATENCY, 64, 1, 2);
  plan.Add(block);
  block.set_wait_share(0.5);
  plan.Add(block);
  EXPECT_EQ(plan.blocks(), 2);
  EXPECT_EQ(plan.disturbed(), 1);
}

TEST(PlanTest, OutOfMemoryIsDearerThanAnyNumber) {
  v1::JobSpec spec = MakeSpec();
  SetList({64, 128}, spec);
  const SweepSetup setup = MakeSetup(spec);
  Plan plan(setup, v1::METRIC_PEAK_MEMORY, 1);
  plan.Add(MakeBlock(v1::METRIC_PEAK_MEMORY, 64, 1e6, 2e6));
  plan.Add(MakeBlock(v1::METRIC_PEAK_MEMORY, 128, -1, 4e6));
  const auto found = plan.Comparisons();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].comparison.verdict(), v1::VERDICT_CROSSES);
  EXPECT_EQ(found[0].comparison.first().high(), 128);
  EXPECT_EQ(plan.Costs()[1].outcome(), v1::OUTCOME_OUT_OF_MEMORY);
}

TEST(PlanTest, ListedLengthsAreMeasuredAndNoOthers) {
  v1::JobSpec spec = MakeSpec();
  SetList({100, 200}, spec);
  const SweepSetup setup = MakeSetup(spec);
  Plan plan(setup, v1::METRIC_PEAK_MEMORY, 1);
  int blocks = 0;
  while (const auto planned = plan.Next()) {
    EXPECT_TRUE(planned->length == 100 || planned->length == 200);
    plan.Add(MakeBlock(v1::METRIC_PEAK_MEMORY, planned->length, 1, 2));
    ++blocks;
  }
  EXPECT_EQ(blocks, 2);
  EXPECT_EQ(plan.blocks(), 2);
}

TEST(PlanTest, LowerBoundsAreShownAndNotCompared) {
  v1::JobSpec spec = MakeSpec();
  SetList({64, 128}, spec);
  const SweepSetup setup = MakeSetup(spec);
  Plan plan(setup, v1::METRIC_LARGEST_BATCH, 1);
  for (const int64_t length : {64, 128}) {
    v1::Block block = MakeBlock(v1::METRIC_LARGEST_BATCH, length, 512, 1024);
    block.mutable_samples(1)->set_failure_message("larger ones were not tried");
    plan.Add(block);
  }
  const v1::Comparison comparison = plan.Comparisons()[0].comparison;
  EXPECT_EQ(comparison.verdict(), v1::VERDICT_UNDECIDED);
  EXPECT_THAT(comparison.note(), ::testing::HasSubstr("larger batches were not tried"));
  int lower_bounds = 0;
  for (const v1::Cost& cost : plan.Costs()) {
    EXPECT_EQ(cost.outcome(), v1::OUTCOME_OK);
    lower_bounds += catalog::IsLowerBound(cost) ? 1 : 0;
  }
  EXPECT_EQ(lower_bounds, 2);
}

TEST(PlanTest, OneLengthOfSeveralSaysNothingOfTheRange) {
  v1::JobSpec spec = MakeSpec();
  SetList({64, 128}, spec);
  const SweepSetup setup = MakeSetup(spec);
  Plan plan(setup, v1::METRIC_FLOPS, 1);
  plan.Add(MakeBlock(v1::METRIC_FLOPS, 64, 2, 1));
  EXPECT_EQ(plan.Comparisons()[0].comparison.verdict(), v1::VERDICT_UNDECIDED);
  plan.Add(MakeBlock(v1::METRIC_FLOPS, 128, 2, 1));
  EXPECT_EQ(plan.Comparisons()[0].comparison.verdict(), v1::VERDICT_ALWAYS);
}

TEST(PlanTest, PeaksThatTheKernelTellsAreEqualWithinItsScatter) {
  v1::JobSpec spec = MakeSpec();
  SetList({64, 128}, spec);
  SweepSetup setup = MakeSetup(spec);
  for (const char* device : {"cpu", "cuda:0"}) {
    setup.target.device = device;
    Plan plan(setup, v1::METRIC_PEAK_MEMORY, 1, Plan::OptionsFor(setup, v1::METRIC_PEAK_MEMORY));
    plan.Add(MakeBlock(v1::METRIC_PEAK_MEMORY, 64, 9.0e6, 9.3e6));
    plan.Add(MakeBlock(v1::METRIC_PEAK_MEMORY, 128, 9.3e6, 9.0e6));
    EXPECT_EQ(plan.Comparisons()[0].comparison.verdict(),
              setup.target.device == "cpu" ? v1::VERDICT_NEVER : v1::VERDICT_CROSSES);
  }
}

}  // namespace
}  // namespace cusp::measure
