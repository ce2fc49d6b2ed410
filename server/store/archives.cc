#include "server/store/archives.h"

#include "common/status_macros.h"
#include "server/store/provenances.h"
#include "server/store/requests.h"
#include "server/store/sweeps.h"

namespace cusp::server {
namespace {

std::optional<int> ReasonOf(const std::optional<Failure>& failure) {
  return failure ? std::optional<int>(failure->reason) : std::nullopt;
}

std::optional<std::string> MessageOf(const std::optional<Failure>& failure) {
  return failure ? std::optional<std::string>(failure->message) : std::nullopt;
}

absl::Status InsertNames(Transaction& tx, int64_t job_id, const ArchivedJob& archived) {
  int number = 0;
  for (const auto* names : {&archived.baselines, &archived.candidates}) {
    for (const std::string& name : *names) {
      CUSP_RETURN_IF_ERROR(
          Run(tx.db, "INSERT INTO variants (job_id, number, name, is_baseline) VALUES (?, ?, ?, ?)",
              job_id, number++, name, names == &archived.baselines ? 1 : 0));
    }
  }
  return absl::OkStatus();
}

// The generation that the blocks are of, with provenance and conditions.
absl::Status InsertGeneration(Transaction& tx, const Sweep& sweep) {
  if (!sweep.provenance && sweep.last_block == 0) {
    return absl::OkStatus();
  }
  std::optional<int64_t> provenance_id;
  if (sweep.provenance) {
    CUSP_ASSIGN_OR_RETURN(provenance_id, EnsureProvenance(tx, *sweep.provenance));
  }
  CUSP_RETURN_IF_ERROR(Run(tx.db,
                           "INSERT INTO generations (sweep_id, generation, provenance_id, blocks,"
                           " last_block) VALUES (?, ?, ?, ?, ?)",
                           sweep.id, sweep.generation, provenance_id, sweep.blocks_committed,
                           sweep.last_block));
  return sweep.provenance ? StoreConditions(tx, sweep, sweep.provenance->conditions)
                          : absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<int64_t>> FindJob(Database& db, std::string_view public_id) {
  Query query(db, "SELECT id FROM jobs WHERE public_id = ?", public_id);
  std::optional<int64_t> id;
  if (query.Next()) {
    id = query.Int(0);
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return id;
}

absl::StatusOr<int64_t> InsertArchivedJob(Transaction& tx, const ArchivedJob& archived,
                                          const std::string& owner) {
  const Job& job = archived.job;
  CUSP_ASSIGN_OR_RETURN(const std::optional<int64_t> before, FindJob(tx.db, job.public_id));
  if (before) {
    return absl::AlreadyExistsError("there is a job " + job.public_id + " already");
  }
  CUSP_ASSIGN_OR_RETURN(const int64_t owner_id, EnsureUser(tx, owner));
  CUSP_RETURN_IF_ERROR(
      Run(tx.db,
          "INSERT INTO jobs (public_id, owner_id, display_name, state, priority, device,"
          " sweeps_total, sweeps_ended, create_time_us, start_time_us, end_time_us, failure_reason,"
          " failure_message, samples_pruned_us, original_owner)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
          job.public_id, owner_id, job.display_name, static_cast<int>(job.state), job.priority,
          job.device, job.sweeps_total, job.create_time_us, job.start_time_us, job.end_time_us,
          ReasonOf(job.failure), MessageOf(job.failure), job.samples_pruned_us, job.owner));
  const int64_t id = tx.db.LastInsertId();
  CUSP_RETURN_IF_ERROR(
      Run(tx.db, "INSERT INTO job_specs (job_id, spec) VALUES (?, ?)", id, Blob{job.spec}));
  CUSP_RETURN_IF_ERROR(InsertNames(tx, id, archived));
  CUSP_RETURN_IF_ERROR(Audit(tx, owner, "job_imported", id, "first submitted by " + job.owner));
  tx.changes.jobs.insert(id);
  return id;
}

absl::StatusOr<Sweep> InsertArchivedSweep(Transaction& tx, int64_t job_id,
                                          const ArchivedSweep& archived) {
  Sweep sweep = archived.sweep;
  CUSP_RETURN_IF_ERROR(
      Run(tx.db,
          "INSERT INTO sweeps (job_id, number, mode, dtype, state, priority, device, attempt,"
          " generation, end_time_us, failure_reason, failure_message, imported_worker,"
          " owner_id) SELECT id, ?, ?, ?, ?, priority, device, ?, ?, ?, ?, ?, ?, owner_id"
          " FROM jobs WHERE id = ?",
          sweep.number, sweep.mode, sweep.dtype, static_cast<int>(sweep.state), sweep.attempt,
          sweep.generation, archived.end_time_us, ReasonOf(sweep.failure), MessageOf(sweep.failure),
          sweep.worker, job_id));
  sweep.id = tx.db.LastInsertId();
  sweep.job_id = job_id;
  CUSP_RETURN_IF_ERROR(InsertGeneration(tx, sweep));
  CUSP_RETURN_IF_ERROR(StoreResult(tx, sweep, archived.result));
  return sweep;
}

absl::StatusOr<std::optional<int64_t>> LoadEndTime(Database& db, const Sweep& sweep) {
  Query query(db, "SELECT end_time_us FROM sweeps WHERE id = ?", sweep.id);
  std::optional<int64_t> time;
  if (query.Next()) {
    time = query.OptionalInt(0);
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return time;
}

}  // namespace cusp::server
