#include "worker/measure/plan_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/measure/fakes.h"

namespace cusp::measure {
namespace {

using ::testing::ElementsAre;

std::vector<v1::Metric> MetricsOf(const SweepSetup& setup, const PlanListOptions& options) {
  const auto plans = MakePlans(setup, options);
  EXPECT_THAT(plans, IsOk());
  std::vector<v1::Metric> metrics;
  for (const Plan& plan : *plans) {
    metrics.push_back(plan.metric());
  }
  return metrics;
}

TEST(PlanListTest, LargestBatchComesRightBeforeWhatTimesIt) {
  v1::JobSpec spec = MakeSpec();
  spec.add_metrics(v1::METRIC_THROUGHPUT);
  spec.add_metrics(v1::METRIC_ENERGY);
  spec.add_batch_sizes(4);
  const SweepSetup setup = MakeSetup(spec);
  EXPECT_THAT(MetricsOf(setup, {}), ElementsAre(v1::METRIC_LATENCY, v1::METRIC_LATENCY,
                                                v1::METRIC_LARGEST_BATCH, v1::METRIC_THROUGHPUT));
  EXPECT_EQ(MetricsOf(setup, {.counts_energy = true}).size(), 6U);
}

TEST(PlanListTest, MetricThatIsOnlyRecordedBesideIsRefused) {
  v1::JobSpec spec = MakeSpec();
  SweepSetup setup = MakeSetup(spec);
  setup.target.spec.add_metrics(v1::METRIC_FORWARD);
  EXPECT_THAT(MakePlans(setup, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::HasSubstr("forward")));
}

// Of a device on which every step takes minutes.
v1::DeviceSpeed SlowSpeed() {
  v1::DeviceSpeed speed;
  v1::ThreadSpeed& one = *speed.add_threads();
  one.set_threads(1);
  one.set_bytes_per_second(1e3);
  one.set_launch_seconds(1e-3);
  v1::ProductSpeed& product = *one.add_products();
  product.set_dtype(v1::DTYPE_FLOAT32);
  product.set_flops_per_second(1e3);
  return speed;
}

TEST(PlanListTest, BudgetThatWillNotReachIsSpentFromTheShortestLengthOn) {
  const SweepSetup setup = MakeSetup(MakeSpec());
  auto plans = MakePlans(setup, {.speed = SlowSpeed(), .budget = std::chrono::minutes(1)});
  ASSERT_THAT(plans, IsOk());
  Plan& plan = plans->front();
  for (int block = 1; block <= 3; ++block) {
    const auto planned = plan.Next();
    ASSERT_TRUE(planned.has_value());
    EXPECT_EQ(planned->length, plan.Grid().front());
    v1::Block measured;
    measured.set_block(block);
    measured.set_length(planned->length);
    measured.set_batch_size(1);
    for (const auto& variant : setup.variants) {
      v1::Sample& sample = *measured.add_samples();
      sample.set_variant(variant.name);
      sample.set_metric(v1::METRIC_LATENCY);
      sample.set_outcome(v1::OUTCOME_OK);
      sample.set_value(1 + 0.01 * block);
      sample.set_calls(1);
    }
    plan.Add(measured);
  }
}

}  // namespace
}  // namespace cusp::measure
