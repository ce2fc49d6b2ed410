#include "worker/measure/plan_options.h"

#include <gtest/gtest.h>

#include "tests/worker/measure/fakes.h"

namespace cusp::measure {
namespace {

TEST(PlanOptionsTest, DearMetricsAreMeasuredOnACoarseGrid) {
  const SweepSetup setup = MakeSetup(MakeSpec());
  EXPECT_TRUE(PlanOptionsFor(setup, v1::METRIC_LATENCY).list.empty());
  const auto components = PlanOptionsFor(setup, v1::METRIC_COMPONENTS);
  EXPECT_EQ(components.list, (std::vector<int64_t>{64, 128, 256, 512, 1024, 2048}));
  EXPECT_EQ(components.max_blocks, 8);
  const auto largest = PlanOptionsFor(setup, v1::METRIC_LARGEST_BATCH);
  EXPECT_EQ(largest.list.size(), 4U);
  EXPECT_TRUE(largest.exact);
}

TEST(PlanOptionsTest, TheJobsOwnListCounts) {
  v1::JobSpec spec = MakeSpec();
  spec.mutable_lengths()->Clear();
  spec.mutable_lengths()->add_list(100);
  spec.mutable_lengths()->add_list(300);
  catalog::ApplyDefaults(spec);
  EXPECT_EQ(PlanOptionsFor(MakeSetup(spec), v1::METRIC_COMPONENTS).list,
            (std::vector<int64_t>{100, 300}));
}

TEST(PlanOptionsTest, HostMemoryIsComparedBesideADeviceAlone) {
  SweepSetup setup = MakeSetup(MakeSpec());
  EXPECT_FALSE(IsComparedBeside(setup, v1::METRIC_HOST_MEMORY));
  EXPECT_FALSE(IsComparedBeside(setup, v1::METRIC_BEST_BATCH));
  EXPECT_TRUE(IsComparedBeside(setup, v1::METRIC_FORWARD));
  setup.target.device = "cuda:0";
  EXPECT_TRUE(IsComparedBeside(setup, v1::METRIC_HOST_MEMORY));
  EXPECT_FALSE(IsComparedItself(v1::METRIC_COMPONENTS));
}

}  // namespace
}  // namespace cusp::measure
