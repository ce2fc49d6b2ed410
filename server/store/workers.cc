#include "server/store/workers.h"

#include "common/status_macros.h"
#include "server/store/requests.h"

namespace cusp::server {
namespace {

constexpr std::string_view kSelectWorker =
    "SELECT w.id, w.name, w.device_class, w.device, w.host, w.memory_bytes, w.cores,"
    " w.cusp_version, w.incarnation, w.speed";

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
  worker.speed = query.Text(9);
  return worker;
}

}  // namespace

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

absl::StatusOr<Worker> RegisterWorker(Transaction& tx, const Worker& worker,
                                      const std::string& request_id) {
  CUSP_ASSIGN_OR_RETURN(const std::optional<Worker> before, FindWorker(tx.db, worker.name));
  CUSP_RETURN_IF_ERROR(
      Run(tx.db,
          "INSERT INTO workers (name, device_class, device, host, memory_bytes, cores,"
          " cusp_version, register_request, incarnation, register_time_us, speed)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, ?9, ?10)"
          " ON CONFLICT (name) DO UPDATE SET device_class = ?2, device = ?3, host = ?4,"
          " memory_bytes = ?5, cores = ?6, cusp_version = ?7,"
          " incarnation = incarnation + (register_request <> ?8), register_request = ?8,"
          " register_time_us = ?9, speed = ?10",
          worker.name, worker.device_class, worker.device, worker.host, worker.memory_bytes,
          worker.cores, worker.cusp_version, Blob{request_id}, tx.now_us, Blob{worker.speed}));
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
    workers.push_back({ReadWorker(query), query.Text(11), query.Int(10)});
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return workers;
}

}  // namespace cusp::server
