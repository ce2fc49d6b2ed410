// When a worker is no longer trusted with sweeps. Pure functions.
#pragma once

#include <optional>

#include "server/queue/records.h"
#include "server/queue/transitions.h"

namespace cusp::server {

// So many sweeps that failed in a row drain a worker.
inline constexpr int kFailuresToDrain = 3;

// A worker's failures in a row after an attempt ended, given those before it. A
// success ends the row. What was given back says nothing, and neither do failures
// that are the job's: its configuration or its memory.
int FailuresAfter(int failures, AttemptEnd end, const std::optional<Failure>& failure);

}  // namespace cusp::server
