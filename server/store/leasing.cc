#include "server/store/leasing.h"

#include <utility>

#include "common/status_macros.h"
#include "server/queue/matching.h"
#include "server/store/job_states.h"
#include "server/store/queue_order.h"
#include "server/store/requests.h"
#include "server/store/sweeps.h"
#include "server/store/usage.h"
#include "server/store/workers.h"

namespace cusp::server {
namespace {

absl::StatusOr<SyncAnswer> Measure(Database& db, const Worker& worker, const Sweep& sweep,
                                   const Attempt& attempt) {
  SyncAnswer answer;
  answer.action = SyncAction::kMeasure;
  answer.worker = worker;
  answer.lease = {sweep.id, attempt.number};
  answer.sweep = sweep;
  Query query(db,
              "SELECT j.public_id, s.spec FROM jobs j JOIN job_specs s ON s.job_id = j.id"
              " WHERE j.id = ?",
              sweep.job_id);
  if (query.Next()) {
    answer.job = query.Text(0);
    answer.spec = query.Text(1);
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return answer;
}

SyncAnswer Abandon(const Worker& worker, std::string reason) {
  SyncAnswer answer;
  answer.action = SyncAction::kAbandon;
  answer.worker = worker;
  answer.reason = std::move(reason);
  return answer;
}

// A worker that says it measures something.
absl::StatusOr<SyncAnswer> SyncBusy(Transaction& tx, const Worker& worker,
                                    const AttemptName& name) {
  absl::StatusOr<AttemptAndSweep> found = LoadAttempt(tx.db, name);
  if (absl::IsNotFound(found.status()) || absl::IsFailedPrecondition(found.status())) {
    return Abandon(worker, std::string(found.status().message()));
  }
  CUSP_RETURN_IF_ERROR(found.status());
  auto& [attempt, sweep] = *found;
  if (attempt.worker_id != worker.id) {
    return Abandon(worker, "the attempt is another worker's");
  }
  const absl::Status fence = CheckFence(sweep, attempt);
  if (!fence.ok()) {
    return Abandon(worker, std::string(fence.message()));
  }
  if (attempt.state == AttemptState::kExpired) {
    // Back before anyone else took the sweep: it goes on.
    CUSP_RETURN_IF_ERROR(Run(tx.db,
                             "UPDATE attempts SET state = 1, end_time_us = NULL"
                             " WHERE sweep_id = ? AND number = ?",
                             sweep.id, attempt.number));
    sweep.state = SweepState::kRunning;
    CUSP_RETURN_IF_ERROR(SetSweepState(tx, sweep, SweepState::kRunning, std::nullopt));
  }
  return Measure(tx.db, worker, sweep, attempt);
}

absl::StatusOr<SyncAnswer> Lease(Transaction& tx, const Worker& worker, Sweep sweep) {
  if (sweep.blocks_committed > 0 && sweep.provenance && !MayResume(*sweep.provenance, worker)) {
    CUSP_RETURN_IF_ERROR(StartGeneration(tx, sweep));
  }
  CUSP_RETURN_IF_ERROR(Run(tx.db,
                           "INSERT OR IGNORE INTO generations (sweep_id, generation) VALUES (?, ?)",
                           sweep.id, sweep.generation));
  CUSP_RETURN_IF_ERROR(Run(tx.db,
                           "UPDATE attempts SET state = ?, end_time_us = coalesce(end_time_us, ?)"
                           " WHERE sweep_id = ? AND state IN (1, 2)",
                           static_cast<int>(AttemptState::kSuperseded), tx.now_us, sweep.id));
  Attempt attempt;
  attempt.sweep_id = sweep.id;
  attempt.number = ++sweep.attempt;
  CUSP_RETURN_IF_ERROR(
      Run(tx.db,
          "INSERT INTO attempts (sweep_id, number, worker_id, incarnation, generation, state,"
          " blocks_inherited, start_time_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          sweep.id, attempt.number, worker.id, worker.incarnation, sweep.generation,
          static_cast<int>(AttemptState::kActive), sweep.blocks_committed, tx.now_us));
  CUSP_RETURN_IF_ERROR(
      Run(tx.db, "UPDATE sweeps SET attempt = ? WHERE id = ?", sweep.attempt, sweep.id));
  sweep.state = SweepState::kRunning;
  sweep.worker = worker.name;
  CUSP_RETURN_IF_ERROR(SetSweepState(tx, sweep, SweepState::kRunning, std::nullopt));
  CUSP_RETURN_IF_ERROR(RecordTurn(tx, sweep.owner_id, sweep.device));
  CUSP_RETURN_IF_ERROR(Audit(
      tx, "worker:" + worker.name, "sweep_leased", sweep.job_id,
      "sweep " + std::to_string(sweep.number) + ", attempt " + std::to_string(attempt.number)));
  return Measure(tx.db, worker, sweep, attempt);
}

// A worker that says it has nothing.
absl::StatusOr<SyncAnswer> SyncIdle(Transaction& tx, const Worker& worker, bool draining) {
  CUSP_ASSIGN_OR_RETURN(const std::optional<Attempt> held, ActiveAttemptOf(tx.db, worker.id));
  if (held.has_value()) {
    CUSP_ASSIGN_OR_RETURN(const Sweep sweep, LoadSweepById(tx.db, held->sweep_id));
    if (held->incarnation == worker.incarnation && !draining) {
      // The answer that gave it out was lost: the same again.
      return Measure(tx.db, worker, sweep, *held);
    }
    // Its process was replaced, or is being stopped: the sweep is free at once.
    CUSP_RETURN_IF_ERROR(SetAttemptState(tx, *held, AttemptState::kReleased));
    CUSP_RETURN_IF_ERROR(SetSweepState(tx, sweep, SweepState::kQueued, std::nullopt));
  }
  SyncAnswer idle;
  idle.worker = worker;
  if (draining || worker.TakesNothing()) {
    return idle;
  }
  CUSP_ASSIGN_OR_RETURN(const std::optional<Sweep> next, NextSweepFor(tx.db, worker, tx.now_us));
  return next.has_value() ? Lease(tx, worker, *next) : idle;
}

}  // namespace

absl::StatusOr<SyncAnswer> SyncWorker(Transaction& tx, const SyncReport& report) {
  CUSP_ASSIGN_OR_RETURN(const std::optional<Worker> worker, FindWorker(tx.db, report.worker));
  if (!worker.has_value()) {
    return absl::NotFoundError("worker \"" + report.worker + "\" is not known; register it again");
  }
  return report.attempt.has_value()
             ? SyncBusy(tx, *worker, *report.attempt)
             : SyncIdle(tx, *worker, report.draining || !report.not_ready.empty());
}

}  // namespace cusp::server
