// A job's findings as the table that people read.
#pragma once

#include <string>

#include "cusp/v1/job.pb.h"
#include "cusp/v1/result.pb.h"

namespace cusp::client {

// For each sweep a header with mode, number type and device, a row for each
// comparison (verdict, cost at both ends of the range, blocks used), and the
// notes: why measuring ended, what ran out of memory, what failed. Pure.
std::string RenderResult(const v1::Job& job, const v1::JobResult& result);

}  // namespace cusp::client
