#include "server/store/job_changes.h"

#include <string>
#include <string_view>

#include "common/status_macros.h"
#include "server/queue/transitions.h"
#include "server/store/dependencies.h"
#include "server/store/job_states.h"
#include "server/store/jobs.h"
#include "server/store/requests.h"
#include "server/store/usage.h"

namespace cusp::server {
namespace {

// The job, where the actor may change it.
absl::StatusOr<Job> LoadOwned(Transaction& tx, int64_t id, const Actor& actor) {
  CUSP_ASSIGN_OR_RETURN(Job job, LoadJob(tx.db, id, false));
  if (!MayChange(actor.user, job.owner, actor.is_admin)) {
    return absl::PermissionDeniedError("job " + job.public_id + " belongs to \"" + job.owner +
                                       "\"; only its owner and administrators may change it");
  }
  return job;
}

absl::Status SetHeld(Transaction& tx, const Job& job, bool held, const Actor& actor) {
  if (job.held == held) {
    return absl::OkStatus();
  }
  CUSP_RETURN_IF_ERROR(Run(tx.db, "UPDATE jobs SET held = ? WHERE id = ?", held ? 1 : 0, job.id));
  CUSP_RETURN_IF_ERROR(SetBlocked(tx, job.id, kBlockedByHold, held));
  CUSP_RETURN_IF_ERROR(RefreshJob(tx, job.id));
  return Audit(tx, actor.user, held ? "job_held" : "job_released", job.id, "");
}

// A job that waits for others again, unless one of them keeps it from starting.
absl::Status CheckFollows(Transaction& tx, int64_t id) {
  CUSP_ASSIGN_OR_RETURN(const auto after, LoadDependencies(tx.db, id));
  for (const Dependency& dependency : after) {
    if (JudgeDependency({dependency.state}) == DependencyVerdict::kCannotStart) {
      return absl::FailedPreconditionError("job " + dependency.public_id +
                                           ", which it is to follow, did not succeed; retry that "
                                           "one first");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CancelJob(Transaction& tx, int64_t id, const Actor& actor) {
  CUSP_ASSIGN_OR_RETURN(const Job job, LoadOwned(tx, id, actor));
  CUSP_RETURN_IF_ERROR(CheckCancel(job.state));
  if (job.state == JobState::kCancelled) {
    return absl::OkStatus();
  }
  // Before what it does to the jobs that follow, as the audit log is read.
  CUSP_RETURN_IF_ERROR(Audit(tx, actor.user, "job_cancelled", id, ""));
  return EndJob(tx, id, SweepState::kCancelled, std::nullopt);
}

absl::Status HoldJob(Transaction& tx, int64_t id, const Actor& actor) {
  CUSP_ASSIGN_OR_RETURN(const Job job, LoadOwned(tx, id, actor));
  CUSP_RETURN_IF_ERROR(CheckNotEnded(job.state));
  return SetHeld(tx, job, true, actor);
}

absl::Status ReleaseJob(Transaction& tx, int64_t id, const Actor& actor) {
  CUSP_ASSIGN_OR_RETURN(const Job job, LoadOwned(tx, id, actor));
  CUSP_RETURN_IF_ERROR(CheckNotEnded(job.state));
  return SetHeld(tx, job, false, actor);
}

absl::Status RetryJob(Transaction& tx, int64_t id, const Actor& actor) {
  CUSP_ASSIGN_OR_RETURN(const Job job, LoadOwned(tx, id, actor));
  CUSP_RETURN_IF_ERROR(CheckRetry(job.state));
  CUSP_RETURN_IF_ERROR(CheckFollows(tx, id));
  CUSP_RETURN_IF_ERROR(CheckMayQueue(tx.db, job.owner_id));
  CUSP_RETURN_IF_ERROR(Run(tx.db,
                           "UPDATE jobs SET held = 0, deadline_us = iif(deadline_us <= ?, NULL,"
                           " deadline_us) WHERE id = ?",
                           tx.now_us, id));
  const int blocked = job.after_ok.empty() ? 0 : kBlockedByJobs;
  CUSP_RETURN_IF_ERROR(Run(tx.db, "UPDATE sweeps SET blocked = ? WHERE job_id = ?", blocked, id));
  CUSP_RETURN_IF_ERROR(RequeueSweeps(tx, id));
  CUSP_RETURN_IF_ERROR(Audit(tx, actor.user, "job_retried", id, ""));
  return FollowOthers(tx, id);
}

absl::Status SetJobPriority(Transaction& tx, int64_t id, const Actor& actor, int priority) {
  CUSP_ASSIGN_OR_RETURN(const Job job, LoadOwned(tx, id, actor));
  CUSP_RETURN_IF_ERROR(CheckNotEnded(job.state));
  for (const std::string_view sql : {"UPDATE jobs SET priority = ? WHERE id = ?",
                                     "UPDATE sweeps SET priority = ? WHERE job_id = ?"}) {
    CUSP_RETURN_IF_ERROR(Run(tx.db, sql, priority, id));
  }
  tx.changes.jobs.insert(id);
  return Audit(tx, actor.user, "job_priority_set", id,
               std::to_string(job.priority) + " to " + std::to_string(priority));
}

absl::StatusOr<std::vector<int64_t>> OverdueJobs(Database& db, int64_t now_us, int limit) {
  std::vector<int64_t> jobs;
  Query query(db,
              "SELECT id FROM jobs WHERE deadline_us IS NOT NULL AND state <= 3"
              " AND deadline_us <= ? ORDER BY deadline_us LIMIT ?",
              now_us, limit);
  while (query.Next()) {
    jobs.push_back(query.Int(0));
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return jobs;
}

absl::Status FailOverdueJob(Transaction& tx, int64_t id) {
  CUSP_ASSIGN_OR_RETURN(const Job job, LoadJob(tx.db, id, false));
  if (HasEnded(job.state) || !job.deadline_us || *job.deadline_us > tx.now_us) {
    return absl::OkStatus();
  }
  CUSP_RETURN_IF_ERROR(Audit(tx, "cuspd", "job_deadline_passed", id, ""));
  return EndJob(tx, id, SweepState::kFailed,
                Failure{kReasonDeadline,
                        "its deadline passed; what was measured stays, and a retry goes on "
                        "from there without a deadline"});
}

}  // namespace cusp::server
