#include "server/store/jobs.h"

#include <utility>

#include "common/status_macros.h"
#include "server/queue/transitions.h"
#include "server/store/artifacts.h"
#include "server/store/dependencies.h"
#include "server/store/job_states.h"
#include "server/store/requests.h"
#include "server/store/sweeps.h"
#include "server/store/usage.h"

namespace cusp::server {
namespace {

// Columns in the order of ReadJob().
constexpr std::string_view kSelectJob =
    "SELECT j.id, j.public_id, j.display_name, u.name, j.state, j.priority, j.device,"
    " j.sweeps_total, j.sweeps_ended, j.create_time_us, j.start_time_us, j.end_time_us,"
    " j.failure_reason, j.failure_message, j.owner_id, j.held, j.deadline_us,"
    " j.samples_pruned_us, coalesce(j.original_owner, '') FROM jobs j JOIN "
    "users u ON u.id = j.owner_id ";

Job ReadJob(const Query& query) {
  Job job;
  job.id = query.Int(0);
  job.public_id = query.Text(1);
  job.display_name = query.Text(2);
  job.owner = query.Text(3);
  job.state = static_cast<JobState>(query.Int(4));
  job.priority = query.AsInt(5);
  job.device = query.Text(6);
  job.sweeps_total = query.AsInt(7);
  job.sweeps_ended = query.AsInt(8);
  job.create_time_us = query.Int(9);
  job.start_time_us = query.OptionalInt(10);
  job.end_time_us = query.OptionalInt(11);
  job.failure = ReadFailure(query, 12);
  job.owner_id = query.Int(14);
  job.held = query.Int(15) != 0;
  job.deadline_us = query.OptionalInt(16);
  job.samples_pruned_us = query.OptionalInt(17);
  job.original_owner = query.Text(18);
  return job;
}

absl::Status InsertVariants(Transaction& tx, const NewJob& job, int64_t id) {
  CUSP_RETURN_IF_ERROR(
      Run(tx.db, "INSERT INTO job_specs (job_id, spec) VALUES (?, ?)", id, Blob{job.spec}));
  int number = 0;
  for (const auto* names : {&job.baselines, &job.candidates}) {
    for (const std::string& name : *names) {
      CUSP_RETURN_IF_ERROR(
          Run(tx.db, "INSERT INTO variants (job_id, number, name, is_baseline) VALUES (?, ?, ?, ?)",
              id, number++, name, names == &job.baselines ? 1 : 0));
    }
  }
  return absl::OkStatus();
}

absl::Status InsertSweeps(Transaction& tx, const NewJob& job, int blocked, Job& stored) {
  for (const auto& [mode, dtype] : job.sweeps) {
    Sweep& sweep = stored.sweeps.emplace_back();
    sweep.job_id = stored.id;
    sweep.owner_id = stored.owner_id;
    sweep.blocked = blocked;
    sweep.number = static_cast<int>(stored.sweeps.size());
    sweep.mode = mode;
    sweep.dtype = dtype;
    sweep.priority = job.priority;
    sweep.device = job.device;
    CUSP_RETURN_IF_ERROR(InsertSweep(tx, sweep));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<int64_t>> ResolveAll(Database& db,
                                                const std::vector<std::string>& prefixes) {
  std::vector<int64_t> ids;
  for (const std::string& prefix : prefixes) {
    const absl::StatusOr<int64_t> id = ResolveJob(db, prefix);
    CUSP_RETURN_IF_ERROR(Annotate(id.status(), "after_ok"));
    ids.push_back(*id);
  }
  return ids;
}

// Lets the job wait for those that have to succeed first.
absl::StatusOr<Job> LetFollow(Transaction& tx, int64_t id, const std::vector<int64_t>& after) {
  for (const int64_t after_id : after) {
    CUSP_RETURN_IF_ERROR(InsertDependency(tx, id, after_id));
  }
  CUSP_RETURN_IF_ERROR(FollowOthers(tx, id));
  return LoadJob(tx.db, id, false);
}

}  // namespace

absl::StatusOr<Job> InsertJob(Transaction& tx, const NewJob& job) {
  CUSP_RETURN_IF_ERROR(CheckDeadline(job.deadline_us, tx.now_us));
  CUSP_ASSIGN_OR_RETURN(const int64_t owner_id, EnsureUser(tx, job.owner));
  CUSP_RETURN_IF_ERROR(CheckMayQueue(tx.db, owner_id));
  // Before the job is there, which a short id could fit too.
  CUSP_ASSIGN_OR_RETURN(const std::vector<int64_t> after, ResolveAll(tx.db, job.after_ok));
  Job stored;
  stored.public_id = job.public_id;
  stored.display_name = job.display_name;
  stored.owner = job.owner;
  stored.owner_id = owner_id;
  stored.state = job.hold ? JobState::kHeld : JobState::kQueued;
  stored.priority = job.priority;
  stored.device = job.device;
  stored.sweeps_total = static_cast<int>(job.sweeps.size());
  stored.create_time_us = tx.now_us;
  stored.held = job.hold;
  stored.deadline_us = job.deadline_us;
  CUSP_RETURN_IF_ERROR(
      Run(tx.db,
          "INSERT INTO jobs (public_id, owner_id, display_name, state, priority, device,"
          " sweeps_total, create_time_us, held, deadline_us)"
          " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          stored.public_id, owner_id, stored.display_name, static_cast<int>(stored.state),
          stored.priority, stored.device, stored.sweeps_total, stored.create_time_us,
          job.hold ? 1 : 0, stored.deadline_us));
  stored.id = tx.db.LastInsertId();
  CUSP_RETURN_IF_ERROR(InsertVariants(tx, job, stored.id));
  const int blocked = (job.hold ? kBlockedByHold : 0) | (after.empty() ? 0 : kBlockedByJobs);
  CUSP_RETURN_IF_ERROR(InsertSweeps(tx, job, blocked, stored));
  CUSP_RETURN_IF_ERROR(CountQueued(tx, owner_id, 1));
  CUSP_RETURN_IF_ERROR(LinkArtifacts(tx, stored.id, job.weights));
  CUSP_RETURN_IF_ERROR(Audit(tx, job.owner, "job_submitted", stored.id, ""));
  tx.changes.jobs.insert(stored.id);
  ++tx.changes.counts.jobs_submitted;
  if (after.empty()) {
    return stored;
  }
  return LetFollow(tx, stored.id, after);
}

absl::StatusOr<int64_t> ResolveJob(Database& db, std::string_view prefix) {
  // Ids are of lower-case letters and digits, all below '{'.
  const std::string end = std::string(prefix) + "{";
  Query query(db,
              "SELECT id, public_id FROM jobs WHERE public_id >= ? AND public_id < ?"
              " ORDER BY public_id LIMIT 2",
              prefix, end);
  if (!query.Next()) {
    CUSP_RETURN_IF_ERROR(query.status());
    return absl::NotFoundError("there is no job \"" + std::string(prefix) + "\"");
  }
  const int64_t id = query.Int(0);
  if (query.Text(1) != prefix && query.Next()) {
    return absl::InvalidArgumentError("\"" + std::string(prefix) +
                                      "\" fits several jobs; give more characters of the id");
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return id;
}

absl::StatusOr<Job> LoadJob(Database& db, int64_t id, bool with_spec) {
  static const std::string sql = std::string(kSelectJob) + "WHERE j.id = ?";
  Query query(db, sql, id);
  if (!query.Next()) {
    CUSP_RETURN_IF_ERROR(query.status());
    return absl::NotFoundError("there is no such job");
  }
  Job job = ReadJob(query);
  CUSP_ASSIGN_OR_RETURN(job.sweeps, LoadSweeps(db, id));
  CUSP_ASSIGN_OR_RETURN(const std::vector<Dependency> after, LoadDependencies(db, id));
  for (const Dependency& dependency : after) {
    job.after_ok.push_back(dependency.public_id);
  }
  if (with_spec) {
    CUSP_ASSIGN_OR_RETURN(job.spec, LoadSpec(db, id));
  }
  return job;
}

absl::StatusOr<std::string> LoadSpec(Database& db, int64_t id) {
  Query query(db, "SELECT spec FROM job_specs WHERE job_id = ?", id);
  if (!query.Next()) {
    CUSP_RETURN_IF_ERROR(query.status());
    return absl::NotFoundError("there is no such job");
  }
  return std::string(query.Bytes(0));
}

absl::StatusOr<std::vector<Job>> ListJobs(Database& db, const JobFilter& filter) {
  int64_t wanted_states = filter.states.empty() ? ~int64_t{0} : 0;
  for (const JobState state : filter.states) {
    wanted_states |= int64_t{1} << static_cast<int>(state);
  }
  static const std::string all_sql = std::string(kSelectJob) +
                                     "WHERE j.id < ?1 AND (1 << j.state) & ?2"
                                     " ORDER BY j.id DESC LIMIT ?3";
  static const std::string owner_sql = std::string(kSelectJob) +
                                       "WHERE j.owner_id = (SELECT id FROM users WHERE name = ?4)"
                                       " AND j.id < ?1 AND (1 << j.state) & ?2"
                                       " ORDER BY j.id DESC LIMIT ?3";
  std::vector<Job> jobs;
  const auto collect = [&](Query& query) {
    while (query.Next()) {
      jobs.push_back(ReadJob(query));
    }
    return query.status();
  };
  if (filter.owner.has_value()) {
    Query query(db, owner_sql, filter.before_id, wanted_states, filter.limit, *filter.owner);
    CUSP_RETURN_IF_ERROR(collect(query));
  } else {
    Query query(db, all_sql, filter.before_id, wanted_states, filter.limit);
    CUSP_RETURN_IF_ERROR(collect(query));
  }
  return jobs;
}

absl::StatusOr<Sweep> LoadSweep(Database& db, std::string_view job, int number) {
  CUSP_ASSIGN_OR_RETURN(const int64_t job_id, ResolveJob(db, job));
  absl::StatusOr<Sweep> sweep = LoadSweepOf(db, job_id, number);
  if (absl::IsNotFound(sweep.status())) {
    return absl::NotFoundError("job \"" + std::string(job) + "\" has no sweep " +
                               std::to_string(number));
  }
  return sweep;
}

absl::StatusOr<std::vector<std::string>> VariantNames(Database& db, int64_t job_id) {
  std::vector<std::string> names;
  Query query(db, "SELECT name FROM variants WHERE job_id = ? ORDER BY number", job_id);
  while (query.Next()) {
    names.push_back(query.Text(0));
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return names;
}

}  // namespace cusp::server
