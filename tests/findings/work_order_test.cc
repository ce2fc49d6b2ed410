#include "findings/work_order.h"

#include <gtest/gtest.h>

#include "findings/plan_options.h"
#include "tests/support/status_matchers.h"

namespace cusp::findings {
namespace {

class WorkOrderTest : public ::testing::Test {
 protected:
  WorkOrderTest() {
    spec_.set_preset("tiny");
    spec_.add_baselines()->set_name("bert");
    spec_.mutable_baselines(0)->set_model("bert");
    spec_.add_candidates()->set_name("fnet");
    spec_.mutable_candidates(0)->set_model("fnet");
    spec_.mutable_lengths()->set_min(64);
    spec_.mutable_lengths()->set_max(4096);
    catalog::ApplyDefaults(spec_);
    const auto costs = catalog::JobCosts::Of(spec_);
    EXPECT_THAT(costs, IsOk());
    costs_ = *costs;
    options_ = PlanOptionsFor(spec_, v1::MODE_INFERENCE, v1::METRIC_LATENCY, costs_->variants());
  }

  SweepModel Device(double flops_per_second) const {
    return {.costs = *costs_,
            .mode = v1::MODE_INFERENCE,
            .dtype = v1::DTYPE_FLOAT32,
            .ceilings = {.flops_per_second = flops_per_second,
                         .bytes_per_second = flops_per_second,
                         .launch_seconds = 1e-6}};
  }

  v1::JobSpec spec_;
  std::optional<catalog::JobCosts> costs_;
  analysis::PlanOptions options_;
};

TEST_F(WorkOrderTest, FirstLookTakesASampleOfEachVariantInEachBlock) {
  // So fast that every sample lasts as long as it must.
  const auto lengths = static_cast<double>(analysis::Planner(options_).Grid().size());
  EXPECT_NEAR(FirstLookSeconds(options_, Device(1e16), 1), lengths * 2 * 4 * 0.02, 0.01);
  EXPECT_GT(FirstLookSeconds(options_, Device(1e9), 1), 10);
}

TEST_F(WorkOrderTest, ShortestComeFirstWhereTheTimeDoesNotReach) {
  OrderWork(Device(1e9), 1, 1, options_);
  EXPECT_TRUE(options_.shortest_first);
  OrderWork(Device(1e16), 1, 60, options_);
  EXPECT_FALSE(options_.shortest_first);
}

}  // namespace
}  // namespace cusp::findings
