// States of sweeps and jobs in the database, with all that follows from a change:
// what users have running and queued, and jobs that wait for others. Each function
// runs within the caller's transaction and asks server/queue for every decision.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "server/queue/records.h"
#include "server/store/writer.h"

namespace cusp::server {

// Sets a sweep's state, with the failure that goes with FAILED, and its job's.
absl::Status SetSweepState(Transaction& tx, const Sweep& sweep, SweepState state,
                           const std::optional<Failure>& failure);

// Ends what has not ended of a job's sweeps in `state`, and their attempts;
// `failure` then is the job's own too.
absl::Status EndJob(Transaction& tx, int64_t job_id, SweepState state,
                    const std::optional<Failure>& failure);

// Queues the failed and cancelled sweeps of a job again, without what they found.
absl::Status RequeueSweeps(Transaction& tx, int64_t job_id);

// Derives the job's state from its sweeps', and lets jobs that wait for its end
// start or fail.
absl::Status RefreshJob(Transaction& tx, int64_t job_id);

// Blocks the job's sweeps for this reason (one of kBlockedBy…), or no longer for it:
// what nothing else blocks then waits from now on.
absl::Status SetBlocked(Transaction& tx, int64_t job_id, int reason, bool blocked);

// Lets a job that is blocked by others start or fail, where they have ended.
absl::Status FollowOthers(Transaction& tx, int64_t job_id);

}  // namespace cusp::server
