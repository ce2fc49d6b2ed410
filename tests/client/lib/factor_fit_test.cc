#include "client/lib/factor_fit.h"

#include <gtest/gtest.h>

#include "client/lib/expectation.h"
#include "tests/client/example_job.h"
#include "tests/client/lib/predictable.h"

namespace cusp::client {
namespace {

// Of a device on which the terms take `factors` times as long as at its ceilings.
v1::JobResult MeasuredWith(const v1::Job& job, const catalog::CostTerms& factors) {
  const Expectation expectation(job);
  v1::JobResult result;
  for (const char* variant : {"bert", "linformer"}) {
    for (int64_t length = 64; length <= 4096; length *= 2) {
      v1::Cost cost = MakeCost(variant, v1::METRIC_LATENCY, length, 1);
      cost.set_median(catalog::ExpectedSeconds(expectation.Of(cost)->terms, factors));
      *result.add_costs() = cost;
    }
  }
  return result;
}

TEST(FactorFitTest, FindsTheFactorsOfADevice) {
  const v1::Job job = PredictableJob();
  FactorFit fit("Fast CPU");
  fit.Add(job, MeasuredWith(job, {3, 0.5, 7}));
  const FittedFactors fitted = fit.Of(v1::MODE_INFERENCE, v1::DTYPE_FLOAT32);
  EXPECT_EQ(fitted.costs, 14);
  EXPECT_NEAR(fitted.factors[0], 3, 1e-6);
  EXPECT_NEAR(fitted.factors[1], 0.5, 1e-6);
  EXPECT_NEAR(fitted.factors[2], 7, 1e-6);
}

TEST(FactorFitTest, OtherDevicesAndModesTeachNothing) {
  const v1::Job job = PredictableJob();
  FactorFit other("Slow CPU");
  other.Add(job, MeasuredWith(job, {3, 0.5, 7}));
  EXPECT_EQ(other.Of(v1::MODE_INFERENCE, v1::DTYPE_FLOAT32).costs, 0);
  FactorFit fit("Fast CPU");
  fit.Add(job, MeasuredWith(job, {3, 0.5, 7}));
  EXPECT_EQ(fit.Of(v1::MODE_TRAINING, v1::DTYPE_FLOAT32).factors, catalog::kUsualFactors);
}

TEST(FactorFitTest, FewCostsTeachNothing) {
  const v1::Job job = PredictableJob();
  v1::JobResult few = MeasuredWith(job, {3, 0.5, 7});
  few.mutable_costs()->DeleteSubrange(0, 3);
  FactorFit fit("Fast CPU");
  fit.Add(job, few);
  EXPECT_EQ(fit.Of(v1::MODE_INFERENCE, v1::DTYPE_FLOAT32).costs, 0);
}

}  // namespace
}  // namespace cusp::client
