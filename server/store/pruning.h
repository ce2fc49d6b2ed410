// Dropping the samples of jobs that ended long ago.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "server/store/sqlite.h"
#include "server/store/writer.h"

namespace cusp::server {

struct PruneCounts {
  int64_t jobs = 0;
  int64_t blocks = 0;
  int64_t samples = 0;

  void Add(const PruneCounts& other);
};

// Drops samples and blocks, of all generations, of the one job that ended first among
// those that ended before `ended_before_us` and still have theirs, and marks it. Costs,
// comparisons, provenances and the numbers of blocks stay. Nothing (jobs = 0) where
// there is none. One line in the audit log.
absl::StatusOr<PruneCounts> PruneOldestJob(Transaction& tx, int64_t ended_before_us,
                                           const std::string& actor);

// What PruneOldestJob would drop until there is nothing left. Reads every block of
// those jobs.
absl::StatusOr<PruneCounts> CountPrunable(Database& db, int64_t ended_before_us);

}  // namespace cusp::server
