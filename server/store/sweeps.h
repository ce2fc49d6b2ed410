// Sweeps in the database. Each function runs within the caller's transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/queue/records.h"
#include "server/store/sqlite.h"
#include "server/store/writer.h"

namespace cusp::server {

// The failure of a row whose reason and message are `column` and the next; none where the
// reason is null.
std::optional<Failure> ReadFailure(const Query& query, int column);

// Queues a sweep of a job that is there, and sets its id. It waits from now on.
absl::Status InsertSweep(Transaction& tx, Sweep& sweep);

// Of one job, by number.
absl::StatusOr<std::vector<Sweep>> LoadSweeps(Database& db, int64_t job_id);
// NOT_FOUND.
absl::StatusOr<Sweep> LoadSweepOf(Database& db, int64_t job_id, int number);
absl::StatusOr<Sweep> LoadSweepById(Database& db, int64_t id);

}  // namespace cusp::server
