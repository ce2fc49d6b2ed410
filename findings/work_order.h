// In which order a plan measures, by what its steps are expected to take.
#pragma once

#include <cstdint>

#include "analysis/planner.h"
#include "findings/sweep_model.h"

namespace cusp::findings {

// Seconds in which a plan of latencies is expected to take its first blocks: as many as
// decide anything, at each length of its grid.
double FirstLookSeconds(const analysis::PlanOptions& options, const SweepModel& model,
                        int32_t batch_size);

// Has the plan begin with the shortest lengths where its first look is expected to take longer
// than `seconds`: so time that does not reach for all lengths is spent on those for which it
// does. Changes nothing else, and no verdict.
void OrderWork(const SweepModel& model, int32_t batch_size, double seconds,
               analysis::PlanOptions& options);

}  // namespace cusp::findings
