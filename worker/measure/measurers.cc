#include "worker/measure/measurers.h"

#include <utility>

#include "worker/measure/component_blocks.h"
#include "worker/measure/energy_blocks.h"
#include "worker/measure/flops_blocks.h"
#include "worker/measure/memory_blocks.h"
#include "worker/measure/throughput_blocks.h"
#include "worker/measure/timed_blocks.h"

namespace cusp::measure {
namespace {

// An answer of a probe builds a variant or runs a step of unknown length.
constexpr int kProbeTimeouts = 20;

}  // namespace

Means MeansOf(v1::Metric metric) {
  switch (metric) {
    case v1::METRIC_FLOPS:
      return Means::kFormula;
    case v1::METRIC_PEAK_MEMORY:
    case v1::METRIC_LARGEST_BATCH:
      return Means::kProbes;
    default:
      return Means::kTimed;
  }
}

Measurers::Measurers(const SweepSetup& setup, RunnerSession& session, PointTable& points,
                     MemoryProbe& probe, const SweepHost& host, const Clock& clock,
                     const MeasurerOptions& options)
    : runner_(setup, session, points, host, options.blocks) {
  measurers_[v1::METRIC_FLOPS] = std::make_unique<FlopsBlocks>(setup);
  measurers_[v1::METRIC_LATENCY] =
      std::make_unique<LatencyBlocks>(setup, session, points, runner_, options.check);
  for (const v1::Metric metric : {v1::METRIC_LATENCY_P90, v1::METRIC_LATENCY_P99}) {
    shapes_[metric] =
        std::make_unique<PercentileOfCalls>(metric, setup.target.mode, setup.target.spec.seed());
    measurers_[metric] = std::make_unique<TimedBlocks>(runner_, *shapes_[metric]);
  }
  auto largest =
      std::make_unique<LargestBatchBlocks>(setup, probe, clock, options.blocks.call_timeout);
  measurers_[v1::METRIC_THROUGHPUT] =
      std::make_unique<ThroughputBlocks>(setup, points, runner_, largest->found());
  measurers_[v1::METRIC_LARGEST_BATCH] = std::move(largest);
  measurers_[v1::METRIC_COMPONENTS] =
      std::make_unique<ComponentBlocks>(setup, session, points, runner_);
  if (options.energy != nullptr) {
    measurers_[v1::METRIC_ENERGY] =
        std::make_unique<EnergyBlocks>(setup, session, points, runner_, *options.energy);
  }
  measurers_[v1::METRIC_PEAK_MEMORY] = std::make_unique<PeakMemoryBlocks>(
      setup, probe, options.blocks.call_timeout * kProbeTimeouts);
}

BlockMeasurer* Measurers::Of(v1::Metric metric) {
  const auto found = measurers_.find(metric);
  return found == measurers_.end() ? nullptr : found->second.get();
}

}  // namespace cusp::measure
