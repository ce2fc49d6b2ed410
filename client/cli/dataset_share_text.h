// Where public datasets lie against a job's tipping points, as people read it.
#pragma once

#include <string>

#include "cusp/v1/job.pb.h"
#include "cusp/v1/result.pb.h"

namespace cusp::client {

// For each sweep, a row for each comparison that turns cheaper for good: the tipping point,
// and how many per cent of each dataset's inputs are longer. Datasets of one length each stand
// below, unless there are no others. Says so where no comparison does. Pure.
std::string RenderDatasetShares(const v1::Job& job, const v1::JobResult& result);

// One line that tells of `results --datasets`; empty where that has nothing to show.
std::string DatasetHint(const v1::Job& job, const v1::JobResult& result);

}  // namespace cusp::client
