// Which jobs wait for which. Each function runs within the caller's transaction.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/queue/records.h"
#include "server/store/sqlite.h"
#include "server/store/writer.h"

namespace cusp::server {

// A job that another one follows.
struct Dependency {
  std::string public_id;
  JobState state = JobState::kQueued;
};

// Makes `job_id` follow the job; again is a no-op.
absl::Status InsertDependency(Transaction& tx, int64_t job_id, int64_t after_id);

// What a job follows, in the order of submission.
absl::StatusOr<std::vector<Dependency>> LoadDependencies(Database& db, int64_t job_id);

// Ids of the jobs that still wait for this one.
absl::StatusOr<std::vector<int64_t>> WaitingFor(Database& db, int64_t after_id);

}  // namespace cusp::server
