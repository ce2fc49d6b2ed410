#include "client/lib/plan_forecast.h"

#include <gtest/gtest.h>

#include "tests/client/lib/predictable.h"

namespace cusp::client {
namespace {

class PlanForecastTest : public ::testing::Test {
 protected:
  PlanForecast Plan(int probes_at_once = 2) {
    const catalog::JobCosts costs = *catalog::JobCosts::Of(spec_);
    const SweepModel model{
        .costs = costs,
        .mode = mode_,
        .dtype = v1::DTYPE_FLOAT32,
        .ceilings = {.flops_per_second = 50e9, .bytes_per_second = 10e9, .launch_seconds = 1e-6}};
    return ForecastPlan(spec_, model, probes_at_once);
  }

  v1::JobSpec spec_ = PredictableSpec();
  v1::Mode mode_ = v1::MODE_INFERENCE;
};

TEST_F(PlanForecastTest, SameJobGivesTheSameForecast) {
  const PlanForecast first = Plan();
  const PlanForecast second = Plan();
  EXPECT_EQ(first.blocks, second.blocks);
  EXPECT_EQ(first.seconds, second.seconds);
  EXPECT_TRUE(first.enough);
  EXPECT_GT(first.blocks, 20);
  EXPECT_LT(first.seconds, static_cast<double>(spec_.budget().seconds()));
}

TEST_F(PlanForecastTest, MetricsThatAreNotPredictedAreNamed) {
  EXPECT_TRUE(Plan().not_counted.empty());
  spec_.add_metrics(v1::METRIC_FLOPS);
  spec_.add_metrics(v1::METRIC_THROUGHPUT);
  EXPECT_EQ(Plan().not_counted, std::vector<v1::Metric>{v1::METRIC_THROUGHPUT});
}

TEST_F(PlanForecastTest, BudgetEndsWhatTakesLonger) {
  const PlanForecast whole = Plan();
  spec_.mutable_budget()->set_seconds(3);
  const PlanForecast cut = Plan();
  EXPECT_FALSE(cut.enough);
  EXPECT_LT(cut.blocks, whole.blocks);
  EXPECT_LT(cut.seconds, whole.seconds);
}

TEST_F(PlanForecastTest, ProbesOfPeakMemoryTakeTheirTime) {
  const PlanForecast without = Plan();
  EXPECT_EQ(without.probes, 0);
  spec_.add_metrics(v1::METRIC_PEAK_MEMORY);
  const PlanForecast with = Plan();
  EXPECT_GT(with.probes, 2);
  EXPECT_EQ(with.blocks, without.blocks);
  EXPECT_GT(with.seconds, without.seconds);
  EXPECT_GT(Plan(1).seconds, with.seconds);
}

TEST_F(PlanForecastTest, DecodingPaysForFillingItsCache) {
  spec_.clear_modes();
  spec_.add_modes(v1::MODE_DECODE);
  spec_.mutable_candidates(0)->set_model("linear_transformer");
  spec_.mutable_budget()->set_seconds(100000);
  mode_ = v1::MODE_DECODE;
  const PlanForecast decoding = Plan();
  // Samples alone would take their 20 ms, for both variants.
  EXPECT_GT(decoding.seconds, 4 * 0.02 * 2 * static_cast<double>(decoding.blocks));
}

}  // namespace
}  // namespace cusp::client
