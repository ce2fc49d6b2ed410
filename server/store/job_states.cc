#include "server/store/job_states.h"

#include <string>
#include <utility>
#include <vector>

#include "common/status_macros.h"
#include "server/queue/transitions.h"
#include "server/store/dependencies.h"
#include "server/store/requests.h"
#include "server/store/results.h"
#include "server/store/sweeps.h"
#include "server/store/usage.h"

namespace cusp::server {
namespace {

std::optional<int> ReasonOf(const std::optional<Failure>& failure) {
  return failure ? std::optional<int>(failure->reason) : std::nullopt;
}

std::optional<std::string> MessageOf(const std::optional<Failure>& failure) {
  return failure ? std::optional<std::string>(failure->message) : std::nullopt;
}

// The sweep alone, and what its owner has running.
absl::Status StoreSweepState(Transaction& tx, const Sweep& sweep, SweepState state,
                             const std::optional<Failure>& failure) {
  SweepState before = SweepState::kQueued;
  {
    // Callers may have changed their copy already.
    Query query(tx.db, "SELECT state FROM sweeps WHERE id = ?", sweep.id);
    before = query.Next() ? static_cast<SweepState>(query.Int(0)) : before;
    CUSP_RETURN_IF_ERROR(query.status());
  }
  const int delta =
      (state == SweepState::kRunning ? 1 : 0) - (before == SweepState::kRunning ? 1 : 0);
  if (delta != 0) {
    CUSP_RETURN_IF_ERROR(CountRunning(tx, sweep.owner_id, delta));
  }
  return Run(tx.db,
             "UPDATE sweeps SET state = ?, end_time_us = ?, failure_reason = ?, failure_message = ?"
             " WHERE id = ?",
             static_cast<int>(state),
             HasEnded(state) ? std::optional<int64_t>(tx.now_us) : std::nullopt, ReasonOf(failure),
             MessageOf(failure), sweep.id);
}

// Sweeps and attempts, without the job.
absl::Status EndSweeps(Transaction& tx, int64_t job_id, SweepState state,
                       const std::optional<Failure>& failure) {
  CUSP_RETURN_IF_ERROR(
      Run(tx.db,
          "UPDATE attempts SET state = ?1, end_time_us = ?2 WHERE state IN (1, 2)"
          " AND sweep_id IN (SELECT id FROM sweeps WHERE job_id = ?3 AND state IN (1, 2))",
          static_cast<int>(AttemptState::kCancelled), tx.now_us, job_id));
  CUSP_ASSIGN_OR_RETURN(const std::vector<Sweep> sweeps, LoadSweeps(tx.db, job_id));
  for (const Sweep& sweep : sweeps) {
    if (!HasEnded(sweep.state)) {
      CUSP_RETURN_IF_ERROR(StoreSweepState(tx, sweep, state, failure));
    }
  }
  return absl::OkStatus();
}

bool CountsAsQueued(JobState state) {
  return state == JobState::kQueued || state == JobState::kHeld;
}

// What is stored of a job and decides with its sweeps.
struct JobRow {
  JobState state = JobState::kQueued;
  bool held = false;
  int64_t owner_id = 0;
};

absl::StatusOr<JobRow> LoadRow(Database& db, int64_t job_id) {
  Query query(db, "SELECT state, held, owner_id FROM jobs WHERE id = ?", job_id);
  JobRow row;
  if (query.Next()) {
    row = {static_cast<JobState>(query.Int(0)), query.Int(1) != 0, query.Int(2)};
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return row;
}

// The job alone. `cause` goes before its sweeps' failures. True where it ended now.
absl::StatusOr<bool> StoreJobState(Transaction& tx, int64_t job_id,
                                   const std::optional<Failure>& cause) {
  CUSP_ASSIGN_OR_RETURN(const JobRow before, LoadRow(tx.db, job_id));
  std::vector<SweepState> states;
  std::optional<Failure> failure = cause;
  int ended = 0;
  Query query(tx.db,
              "SELECT state, failure_reason, failure_message FROM sweeps WHERE job_id = ?"
              " ORDER BY number",
              job_id);
  while (query.Next()) {
    states.push_back(static_cast<SweepState>(query.Int(0)));
    ended += HasEnded(states.back()) ? 1 : 0;
    if (!failure.has_value()) {
      failure = ReadFailure(query, 1);
    }
  }
  CUSP_RETURN_IF_ERROR(query.status());
  const JobState state = StateOfJob(states, before.held);
  if (state != JobState::kFailed) {
    failure.reset();
  }
  const int queued = (CountsAsQueued(state) ? 1 : 0) - (CountsAsQueued(before.state) ? 1 : 0);
  if (queued != 0) {
    CUSP_RETURN_IF_ERROR(CountQueued(tx, before.owner_id, queued));
  }
  const std::optional<int64_t> now = tx.now_us;
  tx.changes.jobs.insert(job_id);
  CUSP_RETURN_IF_ERROR(
      Run(tx.db,
          "UPDATE jobs SET state = ?, sweeps_ended = ?, start_time_us = coalesce(start_time_us,"
          " ?), end_time_us = ?, failure_reason = ?, failure_message = ? WHERE id = ?",
          static_cast<int>(state), ended, state == JobState::kRunning ? now : std::nullopt,
          HasEnded(state) ? now : std::nullopt, ReasonOf(failure), MessageOf(failure), job_id));
  return HasEnded(state) && !HasEnded(before.state);
}

// Lets `job_id` start or fail by what it follows; a failed one joins `ended`.
absl::Status Follow(Transaction& tx, int64_t job_id, std::vector<int64_t>& ended) {
  CUSP_ASSIGN_OR_RETURN(const std::vector<Dependency> after, LoadDependencies(tx.db, job_id));
  std::vector<JobState> states;
  for (const Dependency& dependency : after) {
    states.push_back(dependency.state);
  }
  switch (JudgeDependency(states)) {
    case DependencyVerdict::kMustWait:
      return absl::OkStatus();
    case DependencyVerdict::kMayStart:
      return SetBlocked(tx, job_id, kBlockedByJobs, false);
    case DependencyVerdict::kCannotStart:
      break;
  }
  std::optional<Failure> failure;
  std::string cause;
  for (const Dependency& dependency : after) {
    if (!failure && HasEnded(dependency.state) && dependency.state != JobState::kSucceeded) {
      const std::string end =
          dependency.state == JobState::kCancelled ? "was cancelled" : "has failed";
      failure =
          Failure{kReasonDependency, "job " + dependency.public_id + ", which it was to follow, " +
                                         end + "; retry that one, then this"};
      cause = "job " + dependency.public_id + " " + end;
    }
  }
  CUSP_RETURN_IF_ERROR(EndSweeps(tx, job_id, SweepState::kFailed, failure));
  CUSP_ASSIGN_OR_RETURN(const bool ended_now, StoreJobState(tx, job_id, failure));
  if (!ended_now) {
    return absl::OkStatus();
  }
  ended.push_back(job_id);
  return Audit(tx, "cuspd", "job_dependency_failed", job_id, cause);
}

// A list instead of a recursion: chains may be long.
absl::Status TellFollowers(Transaction& tx, std::vector<int64_t> ended) {
  while (!ended.empty()) {
    const int64_t job_id = ended.back();
    ended.pop_back();
    CUSP_ASSIGN_OR_RETURN(const std::vector<int64_t> waiting, WaitingFor(tx.db, job_id));
    for (const int64_t follower : waiting) {
      CUSP_RETURN_IF_ERROR(Follow(tx, follower, ended));
    }
  }
  return absl::OkStatus();
}

absl::Status Refresh(Transaction& tx, int64_t job_id, const std::optional<Failure>& cause) {
  CUSP_ASSIGN_OR_RETURN(const bool ended_now, StoreJobState(tx, job_id, cause));
  return ended_now ? TellFollowers(tx, {job_id}) : absl::OkStatus();
}

// The audit log's line for a job that ended by its last sweep. Whoever ends one otherwise
// writes another.
absl::Status AuditEnd(Transaction& tx, int64_t job_id) {
  CUSP_ASSIGN_OR_RETURN(const JobRow row, LoadRow(tx.db, job_id));
  return Audit(tx, "cuspd", "job_ended", job_id,
               row.state == JobState::kSucceeded ? "SUCCEEDED" : "FAILED");
}

}  // namespace

absl::Status SetSweepState(Transaction& tx, const Sweep& sweep, SweepState state,
                           const std::optional<Failure>& failure) {
  CUSP_RETURN_IF_ERROR(StoreSweepState(tx, sweep, state, failure));
  if (state == SweepState::kQueued && sweep.blocked == 0) {
    tx.changes.queued_devices.push_back(sweep.device);
  }
  CUSP_ASSIGN_OR_RETURN(const bool ended_now, StoreJobState(tx, sweep.job_id, std::nullopt));
  if (!ended_now) {
    return absl::OkStatus();
  }
  CUSP_RETURN_IF_ERROR(AuditEnd(tx, sweep.job_id));
  return TellFollowers(tx, {sweep.job_id});
}

absl::Status EndJob(Transaction& tx, int64_t job_id, SweepState state,
                    const std::optional<Failure>& failure) {
  CUSP_RETURN_IF_ERROR(EndSweeps(tx, job_id, state, failure));
  return Refresh(tx, job_id, failure);
}

absl::Status RequeueSweeps(Transaction& tx, int64_t job_id) {
  CUSP_ASSIGN_OR_RETURN(const std::vector<Sweep> sweeps, LoadSweeps(tx.db, job_id));
  for (const Sweep& sweep : sweeps) {
    if (sweep.state != SweepState::kFailed && sweep.state != SweepState::kCancelled) {
      continue;
    }
    CUSP_RETURN_IF_ERROR(DeleteResult(tx, sweep.id));
    CUSP_RETURN_IF_ERROR(Run(tx.db,
                             "UPDATE sweeps SET queue_time_us = ?, device_speed = x'' WHERE id = ?",
                             tx.now_us, sweep.id));
    CUSP_RETURN_IF_ERROR(StoreSweepState(tx, sweep, SweepState::kQueued, std::nullopt));
    if (sweep.blocked == 0) {
      tx.changes.queued_devices.push_back(sweep.device);
    }
  }
  return RefreshJob(tx, job_id);
}

absl::Status RefreshJob(Transaction& tx, int64_t job_id) {
  return Refresh(tx, job_id, std::nullopt);
}

absl::Status SetBlocked(Transaction& tx, int64_t job_id, int reason, bool blocked) {
  if (blocked) {
    return Run(tx.db, "UPDATE sweeps SET blocked = blocked | ? WHERE job_id = ?", reason, job_id);
  }
  Query waiting(tx.db, "SELECT device FROM sweeps WHERE job_id = ? AND state = 1 AND blocked = ?",
                job_id, reason);
  while (waiting.Next()) {
    tx.changes.queued_devices.push_back(waiting.Text(0));
  }
  CUSP_RETURN_IF_ERROR(waiting.status());
  tx.changes.jobs.insert(job_id);
  return Run(tx.db,
             "UPDATE sweeps SET queue_time_us = iif(blocked = ?1, ?2, queue_time_us),"
             " blocked = blocked & ~?1 WHERE job_id = ?3",
             reason, tx.now_us, job_id);
}

absl::Status FollowOthers(Transaction& tx, int64_t job_id) {
  std::vector<int64_t> ended;
  CUSP_RETURN_IF_ERROR(Follow(tx, job_id, ended));
  return TellFollowers(tx, std::move(ended));
}

}  // namespace cusp::server
