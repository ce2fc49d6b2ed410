// Between the runner's failures, statuses inside the worker, and what is stored.
#pragma once

#include "absl/status/status.h"
#include "cusp/runner/v1/runner.pb.h"
#include "cusp/v1/job.pb.h"
#include "cusp/v1/measurement.pb.h"

namespace cusp::measure {

// RESOURCE_EXHAUSTED: out of memory; INVALID_ARGUMENT: impossible
// configuration or length; INTERNAL: anything else.
absl::Status ToStatus(const runner::v1::Failure& failure);

// OK where the response is of that kind; the runner's failure, or DATA_LOSS
// where it answered something else.
absl::Status CheckResponse(const runner::v1::Response& response,
                           runner::v1::Response::KindCase kind);

// What a failed point is recorded as.
v1::Outcome OutcomeOf(const absl::Status& status);

// Records a failed point: outcome and message.
void SetFailure(const absl::Status& status, v1::Sample& sample);

// Why a sweep failed.
v1::Failure FailureOf(const absl::Status& status);

// True where trying again, with a fresh process, may help.
bool IsTransient(const absl::Status& status);

}  // namespace cusp::measure
