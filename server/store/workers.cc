#include "server/store/workers.h"

#include "common/status_macros.h"
#include "server/queue/worker_health.h"
#include "server/store/requests.h"

namespace cusp::server {
namespace {

constexpr std::string_view kSelectWorker =
    "SELECT w.id, w.name, w.device_class, w.device, w.host, w.memory_bytes, w.cores,"
    " w.cusp_version, w.incarnation, w.speed, w.drain_reason, w.failures,"
    " w.drained";

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
  worker.drain_reason = query.Text(10);
  worker.failures = query.AsInt(11);
  worker.is_drained = query.Int(12) != 0;
  return worker;
}

const std::string& SelectListed() {
  static const std::string sql =
      std::string(kSelectWorker) +
      ", w.register_time_us, (SELECT 'jobs/' || j.public_id || '/sweeps/' || s.number"
      " FROM attempts a JOIN sweeps s ON s.id = a.sweep_id JOIN jobs j ON j.id = s.job_id"
      " WHERE a.worker_id = w.id AND a.state = 1 LIMIT 1) FROM workers w";
  return sql;
}

ListedWorker ReadListed(const Query& query) {
  return {ReadWorker(query), query.Text(14), query.Int(13)};
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
          " register_time_us = ?9, speed = ?10,"
          " drain_reason = iif(register_request = ?8, drain_reason, ''),"
          " failures = iif(register_request = ?8, failures, 0)",
          worker.name, worker.device_class, worker.device, worker.host, worker.memory_bytes,
          worker.cores, worker.cusp_version, Blob{request_id}, tx.now_us, Blob{worker.speed}));
  if (!before.has_value()) {
    CUSP_RETURN_IF_ERROR(Audit(tx, "worker:" + worker.name, "worker_registered", std::nullopt,
                               worker.device_class + " on " + worker.host));
  }
  CUSP_ASSIGN_OR_RETURN(const std::optional<Worker> after, FindWorker(tx.db, worker.name));
  return *after;
}

absl::StatusOr<ListedWorker> DrainWorker(Transaction& tx, const std::string& name, bool drain,
                                         std::string_view actor) {
  CUSP_ASSIGN_OR_RETURN(const std::optional<Worker> worker, FindWorker(tx.db, name));
  if (!worker.has_value()) {
    return absl::NotFoundError("there is no worker \"" + name + "\"; `cusp workers` shows them");
  }
  if (drain ? !worker->is_drained : worker->TakesNothing()) {
    CUSP_RETURN_IF_ERROR(Run(tx.db,
                             "UPDATE workers SET drained = ?1,"
                             " drain_reason = iif(?1, drain_reason, ''),"
                             " failures = iif(?1, failures, 0) WHERE id = ?2",
                             static_cast<int>(drain), worker->id));
    CUSP_RETURN_IF_ERROR(
        Audit(tx, actor, drain ? "worker_drained" : "worker_resumed", std::nullopt, name));
  }
  static const std::string sql = SelectListed() + " WHERE w.id = ?";
  Query query(tx.db, sql, worker->id);
  query.Next();
  CUSP_RETURN_IF_ERROR(query.status());
  return ReadListed(query);
}

absl::StatusOr<std::vector<ListedWorker>> ListWorkers(Database& db, const std::string& after_name,
                                                      int limit) {
  static const std::string sql = SelectListed() + " WHERE w.name > ? ORDER BY w.name LIMIT ?";
  Query query(db, sql, after_name, limit);
  std::vector<ListedWorker> workers;
  while (query.Next()) {
    workers.push_back(ReadListed(query));
  }
  CUSP_RETURN_IF_ERROR(query.status());
  return workers;
}

absl::Status SetWorkerDrained(Transaction& tx, const std::string& name,
                              const std::optional<std::string>& reason) {
  CUSP_RETURN_IF_ERROR(Run(tx.db,
                           "UPDATE workers SET drain_reason = ?1,"
                           " failures = iif(?1 = '', 0, failures) WHERE name = ?2",
                           reason.value_or(""), name));
  if (tx.db.Changes() == 0) {
    return absl::NotFoundError("there is no worker \"" + name + "\"; `cusp workers` lists them");
  }
  return Audit(tx, "worker:" + name, reason ? "worker_drained" : "worker_resumed", std::nullopt,
               reason.value_or(""));
}

absl::Status RecordEnd(Transaction& tx, int64_t worker_id, AttemptEnd end,
                       const std::optional<Failure>& failure) {
  static const std::string sql = std::string(kSelectWorker) + " FROM workers w WHERE w.id = ?";
  Worker worker;
  {
    Query query(tx.db, sql, worker_id);
    if (!query.Next()) {
      return query.status();
    }
    worker = ReadWorker(query);
  }
  const int failures = FailuresAfter(worker.failures, end, failure);
  if (failures != worker.failures) {
    CUSP_RETURN_IF_ERROR(
        Run(tx.db, "UPDATE workers SET failures = ? WHERE id = ?", failures, worker_id));
  }
  if (failures < kFailuresToDrain || !worker.drain_reason.empty() || end != AttemptEnd::kFailed) {
    return absl::OkStatus();
  }
  return SetWorkerDrained(
      tx, worker.name,
      std::to_string(failures) + " sweeps in a row failed on it, the last with: " +
          (failure ? failure->message : "") + "; start it anew once the cause is found");
}

}  // namespace cusp::server
