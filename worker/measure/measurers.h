// All of a sweep's ways to measure.
#pragma once

#include <map>
#include <memory>

#include "worker/measure/block_measurer.h"
#include "worker/measure/block_runner.h"
#include "worker/measure/energy_counter.h"
#include "worker/measure/memory_probe.h"
#include "worker/measure/runner_session.h"
#include "worker/measure/self_check.h"
#include "worker/measure/sweep_setup.h"

namespace cusp::measure {

// How a metric is measured.
enum class Means {
  kFormula,  // no process
  kTimed,    // in the runner that holds all variants
  kProbes,   // in fresh processes, one for each point
};
Means MeansOf(v1::Metric metric);

struct MeasurerOptions {
  BlockRunnerOptions blocks;
  const SelfCheck* check = nullptr;  // of the latencies; may be absent
  EnergyCounter* energy = nullptr;   // of the device; may be absent
};

// What measures each metric that a sweep may plan. What it is given must outlive it. Not
// thread-safe.
class Measurers {
 public:
  Measurers(const SweepSetup& setup, RunnerSession& session, PointTable& points, MemoryProbe& probe,
            const SweepHost& host, const Clock& clock, const MeasurerOptions& options);

  // nullptr where nothing does.
  BlockMeasurer* Of(v1::Metric metric);

 private:
  BlockRunner runner_;
  std::map<v1::Metric, std::unique_ptr<SampleShape>> shapes_;
  std::map<v1::Metric, std::unique_ptr<BlockMeasurer>> measurers_;
};

}  // namespace cusp::measure
