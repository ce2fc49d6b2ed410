#include "server/api/figures.h"

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "common/status_macros.h"
#include "server/queue/diagnosis.h"
#include "server/store/workers.h"

namespace cusp::server {
namespace {

constexpr int kMaxWorkers = 10'000;
constexpr std::chrono::seconds kWriteTime{2};

std::string StateOf(const ListedWorker& listed, const LiveBoard& board) {
  const auto seen = board.Find(listed.worker.name);
  if (!seen || !seen->is_alive) {
    return "lost";
  }
  return seen->draining ? "draining" : listed.sweep.empty() ? "idle" : "busy";
}

}  // namespace

absl::StatusOr<ServiceFigures> ReadFigures(Store& store, const LiveBoard& board,
                                           const CallLog& calls) {
  ServiceFigures figures;
  figures.workers_by_state = {{"busy", 0}, {"draining", 0}, {"idle", 0}, {"lost", 0}};
  CUSP_ASSIGN_OR_RETURN(figures.queue, store.Read<QueueFigures>(ReadQueueFigures));
  CUSP_ASSIGN_OR_RETURN(figures.schema_version, store.Read<int64_t>(SchemaVersion));
  CUSP_ASSIGN_OR_RETURN(const std::vector<ListedWorker> workers,
                        store.Read<std::vector<ListedWorker>>(
                            [](Database& db) { return ListWorkers(db, "", kMaxWorkers); }));
  for (const ListedWorker& worker : workers) {
    ++figures.workers_by_state[StateOf(worker, board)];
  }
  figures.commits = store.Commits();
  figures.calls = calls.Read();
  figures.disk = ReadDiskFigures(store.DatabasePath());
  return figures;
}

absl::Status CheckReady(Store& store) {
  const int64_t free = ReadDiskFigures(store.DatabasePath()).free_bytes;
  if (free >= 0 && free < kMinFreeBytes) {
    return absl::ResourceExhaustedError("only " + std::to_string(free >> 20U) +
                                        " MiB are free on the data folder's disk; make room");
  }
  // Shared: the write may end after this call has stopped waiting.
  auto written = std::make_shared<std::promise<absl::Status>>();
  std::future<absl::Status> answer = written->get_future();
  store.Write<bool>(
      [](Transaction& tx) -> absl::StatusOr<bool> {
        CUSP_RETURN_IF_ERROR(TouchReadiness(tx));
        return true;
      },
      [written](const absl::StatusOr<bool>& done) { written->set_value(done.status()); });
  return answer.wait_for(kWriteTime) == std::future_status::ready
             ? answer.get()
             : absl::UnavailableError("a write takes longer than 2 s");
}

}  // namespace cusp::server
