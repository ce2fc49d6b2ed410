// The queue as the order of server/queue/fair_share.h sees it. Each function runs
// within the caller's transaction, and takes a few index look-ups for each user
// with something queued, however long the queues are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/queue/records.h"
#include "server/store/sqlite.h"

namespace cusp::server {

// The queued sweep that this worker should get, if there is one that may be given
// out.
absl::StatusOr<std::optional<Sweep>> NextSweepFor(Database& db, const Worker& worker,
                                                  int64_t now_us);

// Sweeps for one of `devices` that are given out before the first queued one of
// `job`, counted up to kMaxAhead, if a sweep takes `sweep_seconds`. 0 where none
// of the job's may be given out.
absl::StatusOr<int64_t> SweepsAhead(Database& db, const Job& job,
                                    const std::vector<std::string>& devices, double sweep_seconds,
                                    int64_t now_us);

}  // namespace cusp::server
