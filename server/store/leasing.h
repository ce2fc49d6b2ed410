// What a worker is told to do: renewing, taking back and giving out leases. Runs
// within the caller's transaction and asks server/queue for every decision.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "server/queue/lease_table.h"
#include "server/queue/records.h"
#include "server/store/attempts.h"
#include "server/store/writer.h"

namespace cusp::server {

// What a worker says it does.
struct SyncReport {
  std::string worker;
  std::optional<AttemptName> attempt;
  bool draining = false;
  std::string not_ready = {};  // why it wants nothing now; empty: it does
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

}  // namespace cusp::server
