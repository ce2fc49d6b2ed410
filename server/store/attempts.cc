#include "server/store/attempts.h"

#include "common/status_macros.h"
#include "server/store/job_states.h"
#include "server/store/jobs.h"
#include "server/store/requests.h"
#include "server/store/sweeps.h"
#include "server/store/workers.h"

namespace cusp::server {
namespace {

constexpr std::string_view kSelectAttempt =
    "SELECT sweep_id, number, worker_id, incarnation, generation, state, blocks_inherited"
    " FROM attempts WHERE ";

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

}  // namespace

absl::StatusOr<std::optional<Attempt>> ActiveAttemptOf(Database& db, int64_t worker_id) {
  static const std::string sql =
      std::string(kSelectAttempt) + "worker_id = ? AND state = 1 LIMIT 1";
  Query query(db, sql, worker_id);
  std::optional<Attempt> attempt;
  if (query.Next()) {
    attempt = ReadAttempt(query);
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return attempt;
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
  CUSP_RETURN_IF_ERROR(RecordEnd(tx, attempt.worker_id, end, decision.failure));
  // Before what it does to the job, as the audit log is read.
  CUSP_RETURN_IF_ERROR(Audit(tx, "worker:" + sweep.worker, "attempt_finished", sweep.job_id,
                             "sweep " + std::to_string(sweep.number) + ", attempt " +
                                 std::to_string(attempt.number) + ", sweep state " +
                                 std::to_string(static_cast<int>(decision.sweep))));
  CUSP_RETURN_IF_ERROR(SetSweepState(tx, sweep, decision.sweep, decision.failure));
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
  static const std::string sql = std::string(kSelectAttempt) + "sweep_id = ? AND number = ?";
  Query query(db, sql, found.sweep.id, name.number);
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
