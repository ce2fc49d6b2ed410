// From a SubmitJob request to what is stored.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cusp/v1/job_service.pb.h"
#include "server/store/jobs.h"

namespace cusp::server {

// OK, or INVALID_ARGUMENT.
absl::Status CheckPriority(int32_t priority);

// The checked job, with a new id. INVALID_ARGUMENT naming every fault (bad
// request id, priority, name in after_ok, or spec), RESOURCE_EXHAUSTED (a spec over
// 256 KiB).
absl::StatusOr<NewJob> CheckSubmission(const v1::SubmitJobRequest& request,
                                       const std::string& owner);

}  // namespace cusp::server
