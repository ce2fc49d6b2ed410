#include "worker/measure/compared_metrics.h"

#include <gtest/gtest.h>

#include "tests/worker/measure/fakes.h"

namespace cusp::measure {
namespace {

TEST(ComparedMetricsTest, HostMemoryIsComparedBesideADeviceAlone) {
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
