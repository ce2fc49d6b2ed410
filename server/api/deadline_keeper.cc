#include "server/api/deadline_keeper.h"

#include <spdlog/spdlog.h>

#include <string>
#include <vector>

#include "common/status_macros.h"
#include "server/store/job_changes.h"

namespace cusp::server {
namespace {

// Bounds how long other writes wait.
constexpr int kMostAtOnce = 100;

}  // namespace

void DeadlineKeeper::Tick() {
  const int64_t now_us = clock_.WallMicros();
  const auto overdue = store_.Read<std::vector<int64_t>>(
      [&](Database& db) { return OverdueJobs(db, now_us, kMostAtOnce); });
  if (!overdue.ok()) {
    spdlog::warn("deadlines not read error=\"{}\"", std::string(overdue.status().message()));
    return;
  }
  for (const int64_t job_id : *overdue) {
    store_.Write<bool>(
        [job_id](Transaction& tx) -> absl::StatusOr<bool> {
          CUSP_RETURN_IF_ERROR(FailOverdueJob(tx, job_id));
          return true;
        },
        [](const absl::StatusOr<bool>& failed) {
          if (!failed.ok()) {
            spdlog::warn("deadline not kept error=\"{}\"", std::string(failed.status().message()));
          }
        });
  }
}

}  // namespace cusp::server
