// Data folders as months of use leave them, written through the store's own functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cusp {

// Queues `jobs` jobs of one sweep for `device` in FOLDER/data.
absl::Status QueueJobs(const std::string& folder, int64_t jobs, const std::string& device);

// Adds jobs that were measured and have results, until there are at least `samples`
// samples: 10,000 a job, of 50 variants in two metrics in 100 blocks, with 98
// comparisons and 1,000 costs. Answers the jobs' names.
absl::StatusOr<std::vector<std::string>> AddMeasuredJobs(const std::string& folder,
                                                         int64_t samples);

}  // namespace cusp
