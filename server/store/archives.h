// Jobs that come as archives. Each function runs within the caller's transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/queue/records.h"
#include "server/store/results.h"
#include "server/store/sqlite.h"
#include "server/store/writer.h"

namespace cusp::server {

// An ended job as it was elsewhere, without its sweeps.
struct ArchivedJob {
  Job job;                              // `owner` is who submitted it there
  std::vector<std::string> baselines;   // names
  std::vector<std::string> candidates;  // names, distinct from the baselines'
};

// One of its sweeps.
struct ArchivedSweep {
  Sweep sweep;  // ended; with its provenance and conditions
  std::optional<int64_t> end_time_us;
  SweepResult result;
};

// Id of the job with exactly that public id, if there is one.
absl::StatusOr<std::optional<int64_t>> FindJob(Database& db, std::string_view public_id);

// Stores the job for `owner`, and keeps who its owner was. ALREADY_EXISTS.
absl::StatusOr<int64_t> InsertArchivedJob(Transaction& tx, const ArchivedJob& archived,
                                          const std::string& owner);

// Stores a sweep of it with its result, and answers it as stored; its blocks follow.
// INVALID_ARGUMENT (a variant that the job does not have, a result given twice).
absl::StatusOr<Sweep> InsertArchivedSweep(Transaction& tx, int64_t job_id,
                                          const ArchivedSweep& archived);

// When the sweep ended; nothing where it has not.
absl::StatusOr<std::optional<int64_t>> LoadEndTime(Database& db, const Sweep& sweep);

}  // namespace cusp::server
