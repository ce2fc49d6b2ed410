#include "server/store/sweeps.h"

#include <string>
#include <utility>

#include "common/status_macros.h"
#include "server/store/provenances.h"

namespace cusp::server {
namespace {

// Columns in the order of ReadSweep().
constexpr std::string_view kSelectSweep =
    "SELECT s.id, s.job_id, s.number, s.mode, s.dtype, s.state, s.priority, s.device, s.attempt,"
    " s.generation, coalesce(g.blocks, 0), coalesce(g.last_block, 0), coalesce(w.name,"
    " s.imported_worker, ''),"
    " s.failure_reason, s.failure_message, g.provenance_id, s.device_speed,"
    " s.owner_id, s.blocked FROM sweeps s"
    " LEFT JOIN generations g ON g.sweep_id = s.id AND g.generation = s.generation"
    " LEFT JOIN attempts a ON a.sweep_id = s.id AND a.number = s.attempt"
    " LEFT JOIN workers w ON w.id = a.worker_id ";

absl::StatusOr<Sweep> ReadSweep(Database& db, const Query& query) {
  Sweep sweep;
  sweep.id = query.Int(0);
  sweep.job_id = query.Int(1);
  sweep.number = query.AsInt(2);
  sweep.mode = query.AsInt(3);
  sweep.dtype = query.AsInt(4);
  sweep.state = static_cast<SweepState>(query.Int(5));
  sweep.priority = query.AsInt(6);
  sweep.device = query.Text(7);
  sweep.attempt = query.Int(8);
  sweep.generation = query.Int(9);
  sweep.blocks_committed = query.Int(10);
  sweep.last_block = query.Int(11);
  sweep.worker = query.Text(12);
  sweep.failure = ReadFailure(query, 13);
  if (!query.IsNull(15)) {
    CUSP_ASSIGN_OR_RETURN(sweep.provenance, LoadProvenance(db, query.Int(15)));
  }
  sweep.device_speed = query.Text(16);
  sweep.owner_id = query.Int(17);
  sweep.blocked = query.AsInt(18);
  return sweep;
}

// The one sweep that `query` finds, or `missing`.
absl::StatusOr<Sweep> ReadOneSweep(Database& db, Query& query, absl::Status missing) {
  if (!query.Next()) {
    CUSP_RETURN_IF_ERROR(query.status());
    return missing;
  }
  return ReadSweep(db, query);
}

}  // namespace

std::optional<Failure> ReadFailure(const Query& query, int column) {
  if (query.IsNull(column)) {
    return std::nullopt;
  }
  return Failure{query.AsInt(column), query.Text(column + 1)};
}

absl::Status InsertSweep(Transaction& tx, Sweep& sweep) {
  CUSP_RETURN_IF_ERROR(
      Run(tx.db,
          "INSERT INTO sweeps (job_id, number, mode, dtype, state, priority, device, owner_id,"
          " blocked, queue_time_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          sweep.job_id, sweep.number, sweep.mode, sweep.dtype, static_cast<int>(sweep.state),
          sweep.priority, sweep.device, sweep.owner_id, sweep.blocked, tx.now_us));
  sweep.id = tx.db.LastInsertId();
  if (sweep.blocked == 0) {
    tx.changes.queued_devices.push_back(sweep.device);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Sweep>> LoadSweeps(Database& db, int64_t job_id) {
  static const std::string sql = std::string(kSelectSweep) + "WHERE s.job_id = ? ORDER BY s.number";
  std::vector<Sweep> sweeps;
  Query query(db, sql, job_id);
  while (query.Next()) {
    CUSP_ASSIGN_OR_RETURN(Sweep sweep, ReadSweep(db, query));
    sweeps.push_back(std::move(sweep));
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return sweeps;
}

absl::StatusOr<Sweep> LoadSweepOf(Database& db, int64_t job_id, int number) {
  static const std::string sql = std::string(kSelectSweep) + "WHERE s.job_id = ? AND s.number = ?";
  Query query(db, sql, job_id, number);
  return ReadOneSweep(db, query,
                      absl::NotFoundError("the job has no sweep " + std::to_string(number)));
}

absl::StatusOr<Sweep> LoadSweepById(Database& db, int64_t id) {
  static const std::string sql = std::string(kSelectSweep) + "WHERE s.id = ?";
  Query query(db, sql, id);
  return ReadOneSweep(db, query, absl::NotFoundError("there is no such sweep"));
}

}  // namespace cusp::server
