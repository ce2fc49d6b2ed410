#include "worker/measure/measurers.h"

#include <gtest/gtest.h>

#include "catalog/metrics.h"
#include "tests/worker/measure/fakes.h"

namespace cusp::measure {
namespace {

class Constant final : public EnergyCounter {
 public:
  absl::StatusOr<double> ReadJoules() override { return 0.0; }
};

TEST(MeasurersTest, EnergyTakesACounterAndTheOthersNone) {
  FakeClock clock;
  FakeHost host;
  const SweepSetup setup = MakeSetup(MakeSpec());
  PointTable points(setup);
  FakeLauncher launcher(Script(), clock);
  RunnerSession session(setup, launcher, host, clock);
  MemoryProbe probe(setup, launcher, host, 1);
  Measurers measurers(setup, session, points, probe, host, clock, {});
  for (const v1::Metric metric : catalog::MetricsOfJobs()) {
    EXPECT_EQ(measurers.Of(metric) != nullptr, metric != v1::METRIC_ENERGY)
        << catalog::ToText(metric);
  }
  Constant counter;
  Measurers with(setup, session, points, probe, host, clock,
                 {.blocks = {}, .check = nullptr, .energy = &counter});
  EXPECT_NE(with.Of(v1::METRIC_ENERGY), nullptr);
  EXPECT_NE(measurers.Of(v1::METRIC_LARGEST_BATCH), nullptr);
}

TEST(MeasurersTest, MeansFollowFromTheMetric) {
  EXPECT_EQ(MeansOf(v1::METRIC_FLOPS), Means::kFormula);
  EXPECT_EQ(MeansOf(v1::METRIC_PEAK_MEMORY), Means::kProbes);
  EXPECT_EQ(MeansOf(v1::METRIC_LATENCY_P99), Means::kTimed);
}

}  // namespace
}  // namespace cusp::measure
