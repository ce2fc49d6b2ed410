// What users and deadlines do to jobs that are there. Each function runs within
// the caller's transaction, asks server/queue for every decision, and leaves a row
// in the audit log.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/queue/ownership.h"
#include "server/store/sqlite.h"
#include "server/store/writer.h"

namespace cusp::server {

// All of these: NOT_FOUND, PERMISSION_DENIED (another user's),
// FAILED_PRECONDITION (the job's state does not allow it).

// Cancels a job with what has not ended of its sweeps and attempts; a no-op on a
// cancelled one.
absl::Status CancelJob(Transaction& tx, int64_t id, const Actor& actor);

// Gives out no further sweep of the job; what is leased goes on. A no-op on a held
// one.
absl::Status HoldJob(Transaction& tx, int64_t id, const Actor& actor);

// Undoes a hold; a no-op on a job that is not held.
absl::Status ReleaseJob(Transaction& tx, int64_t id, const Actor& actor);

// Queues the failed and cancelled sweeps of an ended job again, without hold and
// without a deadline that has passed. RESOURCE_EXHAUSTED (too many queued jobs of
// its owner).
absl::Status RetryJob(Transaction& tx, int64_t id, const Actor& actor);

// Sets the priority of the job and of its sweeps.
absl::Status SetJobPriority(Transaction& tx, int64_t id, const Actor& actor, int priority);

// Ids of at most `limit` jobs that have not ended although their deadline passed.
absl::StatusOr<std::vector<int64_t>> OverdueJobs(Database& db, int64_t now_us, int limit);

// Fails such a job; a no-op where it ended meanwhile.
absl::Status FailOverdueJob(Transaction& tx, int64_t id);

}  // namespace cusp::server
