// Workers and their leases in the database. Each function runs within the
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

// Makes a worker known or updates it. A `request_id` other than the last one's
// means that the process is new, and holds nothing yet.
absl::StatusOr<Worker> RegisterWorker(Transaction& tx, const Worker& worker,
                                      const std::string& request_id);

// Workers by name, after `after_name`.
struct ListedWorker {
  Worker worker;
  std::string sweep;  // "jobs/{id}/sweeps/{n}" it holds, or empty
  int64_t register_time_us = 0;
};
absl::StatusOr<std::vector<ListedWorker>> ListWorkers(Database& db, const std::string& after_name,
                                                      int limit);

// What a worker says it does.
struct SyncReport {
  std::string worker;
  std::optional<AttemptName> attempt;
  bool draining = false;
};

enum class SyncAction { kIdle, kMeasure, kAbandon };

// What it shall do. The members after `reason` are set with kMeasure.
struct SyncAnswer {
  SyncAction action = SyncAction::kIdle;
  Worker worker;
  std::string reason;  // of kAbandon
  LeaseKey lease;      // to be renewed
  std::string job;
  Sweep sweep;
  std::string spec;
};

// Renews, takes back, or gives out a sweep. NOT_FOUND where the worker is
// unknown.
absl::StatusOr<SyncAnswer> SyncWorker(Transaction& tx, const SyncReport& report);

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

// Ends an attempt in the database.
absl::Status SetAttemptState(Transaction& tx, const Attempt& attempt, AttemptState state);

// Starts a generation without blocks for the sweep.
absl::Status StartGeneration(Transaction& tx, Sweep& sweep);

}  // namespace cusp::server
