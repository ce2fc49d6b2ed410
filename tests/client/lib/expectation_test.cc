#include "client/lib/expectation.h"

#include <gtest/gtest.h>

#include "tests/client/example_job.h"
#include "tests/client/lib/predictable.h"

namespace cusp::client {
namespace {

class ExpectationTest : public ::testing::Test {
 protected:
  // Costs that are `factors` times what is expected, at growing lengths.
  v1::JobResult ResultWith(const std::vector<double>& factors) const {
    const Expectation expectation(job_);
    v1::JobResult result;
    int64_t length = 64;
    for (const double factor : factors) {
      v1::Cost cost = MakeCost("bert", v1::METRIC_LATENCY, length, 1);
      cost.set_median(factor * expectation.Of(cost)->seconds);
      *result.add_costs() = cost;
      length *= 2;
    }
    return result;
  }

  v1::Job job_ = PredictableJob();
};

TEST_F(ExpectationTest, CostIsToldWithItsFlopsAndCeiling) {
  const auto expected = Expectation(job_).Of(MakeCost("bert", v1::METRIC_LATENCY, 128, 1e-3));
  ASSERT_TRUE(expected.has_value());
  EXPECT_EQ(expected->ceiling_flops_per_second, 50e9);  // of one thread
  EXPECT_GT(expected->seconds, expected->flops / 50e9);
}

TEST_F(ExpectationTest, OnlyLatenciesOfKnownVariantsAreExpected) {
  const Expectation expectation(job_);
  EXPECT_FALSE(expectation.Of(MakeCost("bert", v1::METRIC_PEAK_MEMORY, 128, 1e6)));
  EXPECT_FALSE(expectation.Of(MakeCost("gpt", v1::METRIC_LATENCY, 128, 1)));
  v1::Cost oom = MakeCost("bert", v1::METRIC_LATENCY, 128, 0);
  oom.set_outcome(v1::OUTCOME_OUT_OF_MEMORY);
  EXPECT_FALSE(expectation.Of(oom));
}

TEST_F(ExpectationTest, WithoutSpeedNothingIsExpected) {
  job_.mutable_sweeps(0)->clear_device_speed();
  const Expectation expectation(job_);
  EXPECT_FALSE(expectation.Of(MakeCost("bert", v1::METRIC_LATENCY, 128, 1)));
  EXPECT_FALSE(expectation.ErrorOf(job_.sweeps(0), ExampleResult()));
}

TEST_F(ExpectationTest, JobThatIsNotUnderstoodHasNoExpectation) {
  job_.mutable_spec()->mutable_baselines(0)->set_model("from the future");
  EXPECT_FALSE(Expectation(job_).Of(MakeCost("bert", v1::METRIC_LATENCY, 128, 1)));
}

TEST_F(ExpectationTest, ErrorIsWhatACommonFactorDoesNotExplain) {
  const auto error = Expectation(job_).ErrorOf(job_.sweeps(0), ResultWith({2, 2, 2.2, 1, 2}));
  ASSERT_TRUE(error.has_value());
  EXPECT_NEAR(error->factor, 2, 1e-9);
  EXPECT_NEAR(error->median, 0, 1e-9);
  EXPECT_NEAR(error->worst, 0.5, 1e-9);
  EXPECT_EQ(error->costs, 5);
}

TEST_F(ExpectationTest, ComparisonsOfLatencyHaveAnExpectedOrder) {
  v1::Comparison comparison = CrossingComparison();
  comparison.set_candidate("linformer");
  const Expectation expectation(job_);
  const auto order = expectation.Of(comparison);
  ASSERT_TRUE(order.has_value());
  EXPECT_EQ(order->changes.size(), 1U);
  comparison.set_metric(v1::METRIC_PEAK_MEMORY);
  EXPECT_FALSE(expectation.Of(comparison));
}

}  // namespace
}  // namespace cusp::client
