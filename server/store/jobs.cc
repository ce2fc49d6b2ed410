#include "server/store/jobs.h"

#include <utility>

#include "common/status_macros.h"
#include "server/queue/transitions.h"
#include "server/store/requests.h"
#include "server/store/sweeps.h"

namespace cusp::server {
namespace {

// Columns in the order of ReadJob().
constexpr std::string_view kSelectJob =
    "SELECT j.id, j.public_id, j.display_name, u.name, j.state, j.priority, j.device,"
    " j.sweeps_total, j.sweeps_ended, j.create_time_us, j.start_time_us, j.end_time_us,"
    " j.failure_reason, j.failure_message FROM jobs j JOIN users u ON u.id = j.owner_id ";

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

// Derives the job's state from its sweeps'.
absl::Status RefreshJob(Transaction& tx, int64_t job_id) {
  std::vector<SweepState> states;
  std::optional<Failure> failure;
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
  const JobState state = StateOfJob(states);
  if (state != JobState::kFailed) {
    failure.reset();
  }
  const std::optional<int64_t> now = tx.now_us;
  tx.changes.jobs.insert(job_id);
  return Run(tx.db,
             "UPDATE jobs SET state = ?, sweeps_ended = ?, start_time_us = coalesce(start_time_us,"
             " ?), end_time_us = ?, failure_reason = ?, failure_message = ? WHERE id = ?",
             static_cast<int>(state), ended, state == JobState::kRunning ? now : std::nullopt,
             HasEnded(state) ? now : std::nullopt,
             failure ? std::optional<int>(failure->reason) : std::nullopt,
             failure ? std::optional<std::string>(failure->message) : std::nullopt, job_id);
}

}  // namespace

absl::StatusOr<Job> InsertJob(Transaction& tx, const NewJob& job) {
  CUSP_ASSIGN_OR_RETURN(const int64_t owner_id, EnsureUser(tx, job.owner));
  Job stored;
  stored.public_id = job.public_id;
  stored.display_name = job.display_name;
  stored.owner = job.owner;
  stored.state = JobState::kQueued;
  stored.priority = job.priority;
  stored.device = job.device;
  stored.sweeps_total = static_cast<int>(job.sweeps.size());
  stored.create_time_us = tx.now_us;
  CUSP_RETURN_IF_ERROR(
      Run(tx.db,
          "INSERT INTO jobs (public_id, owner_id, display_name, state, priority, device,"
          " sweeps_total, create_time_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          stored.public_id, owner_id, stored.display_name, static_cast<int>(stored.state),
          stored.priority, stored.device, stored.sweeps_total, stored.create_time_us));
  stored.id = tx.db.LastInsertId();
  CUSP_RETURN_IF_ERROR(InsertVariants(tx, job, stored.id));
  for (const auto& [mode, dtype] : job.sweeps) {
    Sweep& sweep = stored.sweeps.emplace_back();
    sweep.job_id = stored.id;
    sweep.number = static_cast<int>(stored.sweeps.size());
    sweep.mode = mode;
    sweep.dtype = dtype;
    sweep.priority = job.priority;
    sweep.device = job.device;
    CUSP_RETURN_IF_ERROR(InsertSweep(tx, sweep));
  }
  CUSP_RETURN_IF_ERROR(Audit(tx, job.owner, "job_submitted", stored.id, ""));
  tx.changes.jobs.insert(stored.id);
  return stored;
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

absl::Status CancelJob(Transaction& tx, int64_t id, const std::string& actor) {
  CUSP_ASSIGN_OR_RETURN(const Job job, LoadJob(tx.db, id, false));
  CUSP_RETURN_IF_ERROR(CheckCancel(job.state));
  if (job.state == JobState::kCancelled) {
    return absl::OkStatus();
  }
  CUSP_RETURN_IF_ERROR(
      Run(tx.db,
          "UPDATE attempts SET state = ?1, end_time_us = ?2 WHERE state IN (1, 2)"
          " AND sweep_id IN (SELECT id FROM sweeps WHERE job_id = ?3 AND state IN (1, 2))",
          static_cast<int>(AttemptState::kCancelled), tx.now_us, id));
  CUSP_RETURN_IF_ERROR(Run(
      tx.db, "UPDATE sweeps SET state = ?1, end_time_us = ?2 WHERE job_id = ?3 AND state IN (1, 2)",
      static_cast<int>(SweepState::kCancelled), tx.now_us, id));
  CUSP_RETURN_IF_ERROR(RefreshJob(tx, id));
  return Audit(tx, actor, "job_cancelled", id, "");
}

absl::Status SetSweepState(Transaction& tx, const Sweep& sweep, SweepState state,
                           const std::optional<Failure>& failure) {
  CUSP_RETURN_IF_ERROR(Run(
      tx.db,
      "UPDATE sweeps SET state = ?, end_time_us = ?, failure_reason = ?, failure_message = ?"
      " WHERE id = ?",
      static_cast<int>(state), HasEnded(state) ? std::optional<int64_t>(tx.now_us) : std::nullopt,
      failure ? std::optional<int>(failure->reason) : std::nullopt,
      failure ? std::optional<std::string>(failure->message) : std::nullopt, sweep.id));
  if (state == SweepState::kQueued) {
    tx.changes.queued_devices.push_back(sweep.device);
  }
  return RefreshJob(tx, sweep.job_id);
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
