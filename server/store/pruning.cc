#include "server/store/pruning.h"

#include <string_view>

#include "common/status_macros.h"
#include "server/store/requests.h"

namespace cusp::server {
namespace {

absl::StatusOr<int64_t> Drop(Transaction& tx, std::string_view sql, int64_t job_id) {
  CUSP_RETURN_IF_ERROR(Run(tx.db, sql, job_id));
  return tx.db.Changes();
}

}  // namespace

void PruneCounts::Add(const PruneCounts& other) {
  jobs += other.jobs;
  blocks += other.blocks;
  samples += other.samples;
}

absl::StatusOr<PruneCounts> PruneOldestJob(Transaction& tx, int64_t ended_before_us,
                                           const std::string& actor) {
  int64_t job_id = 0;
  {
    Query oldest(tx.db,
                 "SELECT id FROM jobs WHERE end_time_us IS NOT NULL AND samples_pruned_us IS NULL"
                 " AND end_time_us < ? ORDER BY end_time_us LIMIT 1",
                 ended_before_us);
    if (!oldest.Next()) {
      CUSP_RETURN_IF_ERROR(oldest.status());
      return PruneCounts();
    }
    job_id = oldest.Int(0);
  }
  PruneCounts counts;
  counts.jobs = 1;
  CUSP_ASSIGN_OR_RETURN(
      counts.samples,
      Drop(tx, "DELETE FROM samples WHERE sweep_id IN (SELECT id FROM sweeps WHERE job_id = ?)",
           job_id));
  CUSP_ASSIGN_OR_RETURN(
      counts.blocks,
      Drop(tx, "DELETE FROM blocks WHERE sweep_id IN (SELECT id FROM sweeps WHERE job_id = ?)",
           job_id));
  CUSP_RETURN_IF_ERROR(
      Run(tx.db, "UPDATE jobs SET samples_pruned_us = ? WHERE id = ?", tx.now_us, job_id));
  CUSP_RETURN_IF_ERROR(Audit(
      tx, actor, "samples_pruned", job_id,
      std::to_string(counts.blocks) + " blocks, " + std::to_string(counts.samples) + " samples"));
  tx.changes.jobs.insert(job_id);
  return counts;
}

absl::StatusOr<PruneCounts> CountPrunable(Database& db, int64_t ended_before_us) {
  Query query(db,
              "SELECT count(DISTINCT j.id), count(b.block), coalesce(sum((SELECT count(*)"
              " FROM samples m WHERE m.sweep_id = b.sweep_id AND m.generation = b.generation"
              " AND m.block = b.block)), 0) FROM jobs j LEFT JOIN sweeps s ON s.job_id = j.id"
              " LEFT JOIN blocks b ON b.sweep_id = s.id WHERE j.end_time_us IS NOT NULL"
              " AND j.samples_pruned_us IS NULL AND j.end_time_us < ?",
              ended_before_us);
  PruneCounts counts;
  if (query.Next()) {
    counts = {query.Int(0), query.Int(1), query.Int(2)};
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return counts;
}

}  // namespace cusp::server
