// What users have used of the devices, and how much they have queued and running.
// Each function runs within the caller's transaction.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/queue/fair_share.h"
#include "server/store/sqlite.h"
#include "server/store/writer.h"

namespace cusp::server {

// What the order of the queue asks of a user; one without rows has used nothing.
absl::StatusOr<Share> LoadShare(Database& db, int64_t user_id);

// OK, or RESOURCE_EXHAUSTED where the user may not queue another job.
absl::Status CheckMayQueue(Database& db, int64_t user_id);

// `delta` more of the user's sweeps are leased from now on: what the others used
// until now is charged first.
absl::Status CountRunning(Transaction& tx, int64_t user_id, int delta);

// `delta` more of the user's jobs are queued or held.
absl::Status CountQueued(Transaction& tx, int64_t user_id, int delta);

// The user was given a sweep that asked for `device`.
absl::Status RecordTurn(Transaction& tx, int64_t user_id, const std::string& device);

// When that was last; 0: never.
absl::StatusOr<int64_t> LastTurn(Database& db, int64_t user_id, const std::string& device);

}  // namespace cusp::server
