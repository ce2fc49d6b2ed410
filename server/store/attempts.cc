#include "server/store/attempts.h"

#include <utility>

#include "common/status_macros.h"
#include "server/queue/matching.h"
#include "server/store/jobs.h"
#include "server/store/requests.h"

namespace cusp::server {
namespace {

constexpr std::string_view kSelectWorker =
    "SELECT w.id, w.name, w.device_class, w.device, w.host, w.memory_bytes, w.cores,"
    " w.cusp_version, w.incarnation";

Worker ReadWorker(const Query& query) {
  Worker worker;
  worker.id = query.Int(0);
  worker.name = query.Text(1);
  worker.device_class = query.Text(2);
  worker.device = query.Text(3);
  worker.host = query.Text(4);
  worker.memory_bytes = query.Int(5);
  worker.cores = query.AsInt(6);
  worker.cusp_version = query.Text(7);
  worker.incarnation = query.Int(8);
  return worker;
}

absl::StatusOr<std::optional<Worker>> FindWorker(Database& db, const std::string& name) {
  static const std::string sql = std::string(kSelectWorker) + " FROM workers w WHERE w.name = ?";
  Query query(db, sql, name);
  std::optional<Worker> worker;
  if (query.Next()) {
    worker = ReadWorker(query);
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return worker;
}

Attempt ReadAttempt(const Query& query) {
  Attempt attempt;
  attempt.sweep_id = query.Int(0);
  attempt.number = query.Int(1);
  attempt.worker_id = query.Int(2);
  attempt.incarnation = query.Int(3);
  attempt.generation = query.Int(4);
  attempt.state = static_cast<AttemptState>(query.Int(5));
  attempt.blocks_inherited = query.Int(6);
  return attempt;
}

// The attempt that the worker holds, if any.
absl::StatusOr<std::optional<Attempt>> ActiveAttemptOf(Database& db, int64_t worker_id) {
  Query query(db,
              "SELECT sweep_id, number, worker_id, incarnation, generation, state,"
              " blocks_inherited FROM attempts WHERE worker_id = ? AND state = 1 LIMIT 1",
              worker_id);
  std::optional<Attempt> attempt;
  if (query.Next()) {
    attempt = ReadAttempt(query);
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return attempt;
}

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

// The queued sweep that this worker should get: an index look-up for each device
// it serves, however long the queue is.
absl::StatusOr<std::optional<Sweep>> NextSweepFor(Database& db, const Worker& worker) {
  std::optional<Sweep> best;
  for (const std::string& device : DevicesServedBy(worker)) {
    Query query(db,
                "SELECT id FROM sweeps WHERE state = 1 AND device = ?"
                " ORDER BY priority DESC, job_id, number LIMIT 1",
                device);
    if (query.Next()) {
      CUSP_ASSIGN_OR_RETURN(const Sweep sweep, LoadSweepById(db, query.Int(0)));
      if (!best.has_value() || GoesBefore(sweep, *best)) {
        best = sweep;
      }
    }
    CUSP_RETURN_IF_ERROR(query.status());
  }
  return best;
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
  if (draining) {
    return idle;
  }
  CUSP_ASSIGN_OR_RETURN(const std::optional<Sweep> next, NextSweepFor(tx.db, worker));
  return next.has_value() ? Lease(tx, worker, *next) : idle;
}

}  // namespace

absl::StatusOr<Worker> RegisterWorker(Transaction& tx, const Worker& worker,
                                      const std::string& request_id) {
  CUSP_ASSIGN_OR_RETURN(const std::optional<Worker> before, FindWorker(tx.db, worker.name));
  CUSP_RETURN_IF_ERROR(
      Run(tx.db,
          "INSERT INTO workers (name, device_class, device, host, memory_bytes, cores,"
          " cusp_version, register_request, incarnation, register_time_us)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, ?9)"
          " ON CONFLICT (name) DO UPDATE SET device_class = ?2, device = ?3, host = ?4,"
          " memory_bytes = ?5, cores = ?6, cusp_version = ?7,"
          " incarnation = incarnation + (register_request <> ?8), register_request = ?8,"
          " register_time_us = ?9",
          worker.name, worker.device_class, worker.device, worker.host, worker.memory_bytes,
          worker.cores, worker.cusp_version, Blob{request_id}, tx.now_us));
  if (!before.has_value()) {
    CUSP_RETURN_IF_ERROR(Audit(tx, "worker:" + worker.name, "worker_registered", std::nullopt,
                               worker.device_class + " on " + worker.host));
  }
  CUSP_ASSIGN_OR_RETURN(const std::optional<Worker> after, FindWorker(tx.db, worker.name));
  return *after;
}

absl::StatusOr<std::vector<ListedWorker>> ListWorkers(Database& db, const std::string& after_name,
                                                      int limit) {
  static const std::string sql =
      std::string(kSelectWorker) +
      ", w.register_time_us, (SELECT 'jobs/' || j.public_id || '/sweeps/' || s.number"
      " FROM attempts a JOIN sweeps s ON s.id = a.sweep_id JOIN jobs j ON j.id = s.job_id"
      " WHERE a.worker_id = w.id AND a.state = 1 LIMIT 1)"
      " FROM workers w WHERE w.name > ? ORDER BY w.name LIMIT ?";
  Query query(db, sql, after_name, limit);
  std::vector<ListedWorker> workers;
  while (query.Next()) {
    workers.push_back({ReadWorker(query), query.Text(10), query.Int(9)});
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return workers;
}

absl::StatusOr<SyncAnswer> SyncWorker(Transaction& tx, const SyncReport& report) {
  CUSP_ASSIGN_OR_RETURN(const std::optional<Worker> worker, FindWorker(tx.db, report.worker));
  if (!worker.has_value()) {
    return absl::NotFoundError("worker \"" + report.worker + "\" is not known; register it again");
  }
  return report.attempt.has_value() ? SyncBusy(tx, *worker, *report.attempt)
                                    : SyncIdle(tx, *worker, report.draining);
}

absl::Status ExpireAttempt(Transaction& tx, const LeaseKey& lease) {
  CUSP_ASSIGN_OR_RETURN(const Sweep sweep, LoadSweepById(tx.db, lease.sweep_id));
  if (sweep.attempt != lease.attempt || sweep.state != SweepState::kRunning) {
    return absl::OkStatus();
  }
  CUSP_RETURN_IF_ERROR(
      Run(tx.db,
          "UPDATE attempts SET state = ?, end_time_us = ? WHERE sweep_id = ? AND number = ?"
          " AND state = 1",
          static_cast<int>(AttemptState::kExpired), tx.now_us, lease.sweep_id, lease.attempt));
  CUSP_RETURN_IF_ERROR(SetSweepState(tx, sweep, SweepState::kQueued, std::nullopt));
  return Audit(
      tx, "worker:" + sweep.worker, "lease_expired", sweep.job_id,
      "sweep " + std::to_string(sweep.number) + ", attempt " + std::to_string(lease.attempt));
}

absl::StatusOr<LeaseKey> FinishAttempt(Transaction& tx, const AttemptName& name, AttemptEnd end,
                                       const SweepResult& result,
                                       const std::optional<Failure>& failure) {
  CUSP_ASSIGN_OR_RETURN(const AttemptAndSweep found, LoadAttempt(tx.db, name));
  const auto& [attempt, sweep] = found;
  const LeaseKey lease{sweep.id, attempt.number};
  if (IsRepeatedEnd(attempt.state, end)) {
    return lease;
  }
  CUSP_RETURN_IF_ERROR(CheckFence(sweep, attempt));
  std::vector<int> outcomes;
  outcomes.reserve(result.costs.size());
  for (const Cost& cost : result.costs) {
    outcomes.push_back(cost.outcome);
  }
  const EndDecision decision = DecideEnd(end, outcomes, failure);
  if (end != AttemptEnd::kReleased) {
    CUSP_RETURN_IF_ERROR(StoreResult(tx, sweep, result));
  }
  CUSP_RETURN_IF_ERROR(SetAttemptState(tx, attempt, decision.attempt));
  CUSP_RETURN_IF_ERROR(SetSweepState(tx, sweep, decision.sweep, decision.failure));
  CUSP_RETURN_IF_ERROR(Audit(tx, "worker:" + sweep.worker, "attempt_finished", sweep.job_id,
                             "sweep " + std::to_string(sweep.number) + ", attempt " +
                                 std::to_string(attempt.number) + ", sweep state " +
                                 std::to_string(static_cast<int>(decision.sweep))));
  return lease;
}

absl::StatusOr<std::vector<LeaseKey>> ActiveLeases(Database& db) {
  std::vector<LeaseKey> leases;
  // Workers are few, attempts are many: by worker, through the partial index.
  Query query(db,
              "SELECT a.sweep_id, a.number FROM workers w JOIN attempts a ON a.worker_id = w.id"
              " AND a.state = 1");
  while (query.Next()) {
    leases.push_back({query.Int(0), query.Int(1)});
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return leases;
}

absl::StatusOr<AttemptAndSweep> LoadAttempt(Database& db, const AttemptName& name) {
  AttemptAndSweep found;
  CUSP_ASSIGN_OR_RETURN(found.sweep, LoadSweep(db, name.job, name.sweep));
  Query query(db,
              "SELECT sweep_id, number, worker_id, incarnation, generation, state,"
              " blocks_inherited FROM attempts WHERE sweep_id = ? AND number = ?",
              found.sweep.id, name.number);
  if (!query.Next()) {
    CUSP_RETURN_IF_ERROR(query.status());
    return absl::FailedPreconditionError("there is no attempt " + std::to_string(name.number) +
                                         " of this sweep");
  }
  found.attempt = ReadAttempt(query);
  return found;
}

absl::Status SetAttemptState(Transaction& tx, const Attempt& attempt, AttemptState state) {
  return Run(tx.db,
             "UPDATE attempts SET state = ?, end_time_us = ? WHERE sweep_id = ? AND number = ?",
             static_cast<int>(state), tx.now_us, attempt.sweep_id, attempt.number);
}

absl::Status StartGeneration(Transaction& tx, Sweep& sweep) {
  ++sweep.generation;
  sweep.blocks_committed = 0;
  sweep.last_block = 0;
  sweep.provenance.reset();
  CUSP_RETURN_IF_ERROR(Run(tx.db, "INSERT INTO generations (sweep_id, generation) VALUES (?, ?)",
                           sweep.id, sweep.generation));
  return Run(tx.db, "UPDATE sweeps SET generation = ? WHERE id = ?", sweep.generation, sweep.id);
}

}  // namespace cusp::server
