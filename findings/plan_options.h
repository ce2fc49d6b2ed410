// From a job to what a planner has to know: for the worker that measures, and for
// the client that predicts how long that will take.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "analysis/planner.h"
#include "catalog/job_check.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::findings {

// (baseline, candidate), each with each, as numbers of variants.
std::vector<std::pair<size_t, size_t>> PairsOf(const v1::JobSpec& spec);

// Of one mode and metric. `variants` are the job's, resolved. Components and energy, whose
// samples are dear, and the largest batch, which takes processes, are measured at the lengths
// of a coarse grid alone.
analysis::PlanOptions PlanOptionsFor(const v1::JobSpec& spec, v1::Mode mode, v1::Metric metric,
                                     const std::vector<catalog::ResolvedVariant>& variants);

}  // namespace cusp::findings
