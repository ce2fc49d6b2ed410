// Attempts in the database. Each function runs within the
// caller's transaction and asks server/queue for every decision.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/queue/lease_table.h"
#include "server/queue/records.h"
#include "server/queue/transitions.h"
#include "server/store/results.h"
#include "server/store/sqlite.h"
#include "server/store/writer.h"

namespace cusp::server {

// "jobs/{job}/sweeps/{sweep}/attempts/{number}".
struct AttemptName {
  std::string job;
  int sweep = 0;
  int64_t number = 0;
};

// Frees the sweep of an attempt whose lease ran out. The attempt stays valid
// until the next one is made. A no-op where it ended meanwhile.
absl::Status ExpireAttempt(Transaction& tx, const LeaseKey& lease);

// Ends an attempt. Repeating it is a no-op; FAILED_PRECONDITION (stale, ended,
// cancelled), NOT_FOUND, INVALID_ARGUMENT (a result of unknown variants).
// Answers which lease is over.
absl::StatusOr<LeaseKey> FinishAttempt(Transaction& tx, const AttemptName& name, AttemptEnd end,
                                       const SweepResult& result,
                                       const std::optional<Failure>& failure);

// Every lease that runs, for the start of the coordinator.
absl::StatusOr<std::vector<LeaseKey>> ActiveLeases(Database& db);

// The attempt of that name with its sweep. NOT_FOUND (job, sweep),
// FAILED_PRECONDITION (no such attempt).
struct AttemptAndSweep {
  Attempt attempt;
  Sweep sweep;
};
absl::StatusOr<AttemptAndSweep> LoadAttempt(Database& db, const AttemptName& name);

// The attempt that the worker holds, if any.
absl::StatusOr<std::optional<Attempt>> ActiveAttemptOf(Database& db, int64_t worker_id);

// Ends an attempt in the database.
absl::Status SetAttemptState(Transaction& tx, const Attempt& attempt, AttemptState state);

// Starts a generation without blocks for the sweep.
absl::Status StartGeneration(Transaction& tx, Sweep& sweep);

}  // namespace cusp::server
