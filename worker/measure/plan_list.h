// Which plans a sweep consists of.
#pragma once

#include <deque>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "cusp/v1/measurement.pb.h"
#include "worker/measure/plan.h"
#include "worker/measure/sweep_setup.h"

namespace cusp::measure {

struct PlanListOptions {
  bool counts_energy = false;  // else there is no plan for energy
  // Of the device; empty: not known, so nothing is expected of it.
  v1::DeviceSpeed speed = {};
  // Of the sweep.
  Clock::Duration budget{0};
};

// In the order in which they are measured. The largest batch comes with throughput, before a
// runner holds memory. Plans of latencies begin with the shortest lengths where the budget is
// expected not to reach for all. They point to `setup`. INVALID_ARGUMENT: a metric that this
// version doesn't measure.
absl::StatusOr<std::deque<Plan>> MakePlans(const SweepSetup& setup, const PlanListOptions& options);

}  // namespace cusp::measure
