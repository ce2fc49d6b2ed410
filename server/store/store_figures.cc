#include "server/store/store_figures.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include "common/status_macros.h"

namespace cusp::server {
namespace {

int64_t SizeOf(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? static_cast<int64_t>(info.st_size) : -1;
}

}  // namespace

absl::StatusOr<QueueFigures> ReadQueueFigures(Database& db) {
  QueueFigures figures;
  Query jobs(db, "SELECT state, count(*) FROM jobs GROUP BY state");
  while (jobs.Next()) {
    if (const int64_t state = jobs.Int(0);
        state > 0 && state < static_cast<int64_t>(figures.jobs_by_state.size())) {
      figures.jobs_by_state[static_cast<size_t>(state)] = jobs.Int(1);
    }
  }
  CUSP_RETURN_IF_ERROR(jobs.status());
  Query queued(db, "SELECT count(*) FROM sweeps WHERE state = 1");
  figures.sweeps_queued = queued.Next() ? queued.Int(0) : 0;
  CUSP_RETURN_IF_ERROR(queued.status());
  // By worker, through the index of active attempts.
  Query running(db,
                "SELECT count(*) FROM workers w JOIN attempts a ON a.worker_id = w.id"
                " AND a.state = 1");
  figures.sweeps_running = running.Next() ? running.Int(0) : 0;
  CUSP_RETURN_IF_ERROR(running.status());
  return figures;
}

DiskFigures ReadDiskFigures(const std::string& path) {
  DiskFigures figures;
  figures.database_bytes = SizeOf(path);
  figures.wal_bytes = SizeOf(path + "-wal");
  struct statvfs disk {};
  if (statvfs(path.c_str(), &disk) == 0) {
    figures.free_bytes = static_cast<int64_t>(disk.f_bavail) * static_cast<int64_t>(disk.f_frsize);
    figures.total_bytes = static_cast<int64_t>(disk.f_blocks) * static_cast<int64_t>(disk.f_frsize);
  }
  return figures;
}

absl::Status TouchReadiness(Transaction& tx) {
  return Run(tx.db, "INSERT OR REPLACE INTO readiness (id, time_us) VALUES (1, ?)", tx.now_us);
}

absl::StatusOr<std::string> QuickCheck(Database& db) {
  Query query(db, "PRAGMA quick_check(1)");
  const std::string answer = query.Next() ? query.Text(0) : "";
  CUSP_RETURN_IF_ERROR(query.status());
  return answer;
}

absl::StatusOr<int64_t> SchemaVersion(Database& db) {
  Query query(db, "PRAGMA user_version");
  const int64_t version = query.Next() ? query.Int(0) : 0;
  CUSP_RETURN_IF_ERROR(query.status());
  return version;
}

}  // namespace cusp::server
