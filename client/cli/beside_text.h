// What a sweep recorded beside the metrics that the job asked for.
#pragma once

#include <string>
#include <vector>

#include "client/lib/job_lengths.h"
#include "cusp/v1/measurement.pb.h"

namespace cusp::client {

// A table of the comparisons of such metrics; empty without any.
std::string BesideText(const std::vector<const v1::Comparison*>& comparisons,
                       const JobLengths& lengths);

// Where the time of a step goes: a line for each variant and batch size, at the longest
// length at which its components were timed, the largest part first; empty without any.
std::string ComponentsText(const std::vector<const v1::Cost*>& costs, const JobLengths& lengths);

// Batch sizes behind the throughput: a line for each length at which the largest that fits is
// known; empty without any.
std::string BatchesText(const std::vector<const v1::Cost*>& costs, const JobLengths& lengths);

}  // namespace cusp::client
