// How long sweeps take and have taken, for telling when others start. Each function
// runs within the caller's transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "server/store/sqlite.h"

namespace cusp::server {

// Median time of the newest attempts with a result on devices of these classes, in
// microseconds; nothing where there is none among the last few hundred sweeps.
absl::StatusOr<std::optional<int64_t>> TypicalSweepMicros(
    Database& db, const std::set<std::string>& device_classes);

// The sweep that a worker holds, and since when.
struct RunningSweep {
  int64_t sweep_id = 0;
  int64_t start_time_us = 0;
};
absl::StatusOr<std::optional<RunningSweep>> RunningOn(Database& db, int64_t worker_id);

}  // namespace cusp::server
