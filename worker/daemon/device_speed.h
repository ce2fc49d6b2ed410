// What this worker's device does at most.
#pragma once

#include "absl/status/statusor.h"
#include "cusp/runner/v1/runner.pb.h"
#include "cusp/v1/measurement.pb.h"
#include "worker/measure/runner_connection.h"

namespace cusp::worker {

// Has a started runner measure it: on a CPU with one thread and with all that the
// runner was started with, else once. Takes up to a second. Errors are those of the
// connection and of the runner.
absl::StatusOr<v1::DeviceSpeed> MeasureSpeed(measure::RunnerConnection& runner,
                                             const runner::v1::StartResponse& started);

}  // namespace cusp::worker
