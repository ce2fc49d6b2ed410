// How long a sweep will take, before it is measured.
#pragma once

#include <cstdint>
#include <vector>

#include "client/lib/sweep_model.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::client {

struct PlanForecast {
  int64_t blocks = 0;  // of latency
  int64_t probes = 0;  // blocks of peak memory, each of one process a variant
  double seconds = 0;
  bool enough = true;  // every comparison ends before the budget does
  // Asked for, and not predicted: what they take comes on top.
  std::vector<v1::Metric> not_counted = {};
};

// Drives the planner that will measure with expected costs and 3 % of noise, from the
// job's seed: the same job gives the same forecast. Starts of runners count as they
// take on two cores; what the planner itself computes does not count. `spec` has its
// defaults. Takes seconds where a sweep takes hours.
PlanForecast ForecastPlan(const v1::JobSpec& spec, const SweepModel& model, int probes_at_once);

}  // namespace cusp::client
