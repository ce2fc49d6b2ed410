#include "server/store/dependencies.h"

#include "common/status_macros.h"

namespace cusp::server {

absl::Status InsertDependency(Transaction& tx, int64_t job_id, int64_t after_id) {
  return Run(tx.db, "INSERT OR IGNORE INTO job_dependencies (job_id, after_id) VALUES (?, ?)",
             job_id, after_id);
}

absl::StatusOr<std::vector<Dependency>> LoadDependencies(Database& db, int64_t job_id) {
  std::vector<Dependency> dependencies;
  Query query(db,
              "SELECT j.public_id, j.state FROM job_dependencies d JOIN jobs j ON j.id = d.after_id"
              " WHERE d.job_id = ? ORDER BY d.after_id",
              job_id);
  while (query.Next()) {
    dependencies.push_back({query.Text(0), static_cast<JobState>(query.Int(1))});
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return dependencies;
}

absl::StatusOr<std::vector<int64_t>> WaitingFor(Database& db, int64_t after_id) {
  std::vector<int64_t> jobs;
  Query query(
      db,
      "SELECT DISTINCT d.job_id FROM job_dependencies d JOIN sweeps s ON s.job_id = d.job_id"
      " WHERE d.after_id = ? AND s.state = 1 AND (s.blocked & ?) <> 0",
      after_id, kBlockedByJobs);
  while (query.Next()) {
    jobs.push_back(query.Int(0));
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return jobs;
}

}  // namespace cusp::server
