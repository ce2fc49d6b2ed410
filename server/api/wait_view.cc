#include "server/api/wait_view.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "common/status_macros.h"
#include "cusp/v1/spec.pb.h"
#include "server/queue/matching.h"
#include "server/queue/transitions.h"
#include "server/queue/waiting.h"
#include "server/store/dependencies.h"
#include "server/store/durations.h"
#include "server/store/queue_order.h"
#include "server/store/usage.h"

namespace cusp::server {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;

// How long a sweep takes: as those before it did, else all that its budget allows.
absl::StatusOr<std::optional<int64_t>> SweepMicros(Database& db, const Job& job,
                                                   const std::vector<Worker>& workers) {
  std::set<std::string> classes;
  for (const Worker& worker : workers) {
    classes.insert(worker.device_class);
  }
  CUSP_ASSIGN_OR_RETURN(std::optional<int64_t> typical, TypicalSweepMicros(db, classes));
  v1::JobSpec spec;
  if (!typical && spec.ParseFromString(job.spec) && spec.budget().seconds() > 0) {
    typical = spec.budget().seconds() * kMicrosPerSecond;
  }
  return typical;
}

// When the worker has ended what it holds, from now.
absl::StatusOr<int64_t> FreeIn(Database& db, const LiveBoard& board, const Worker& worker,
                               int64_t sweep_us, int64_t now_us) {
  CUSP_ASSIGN_OR_RETURN(const std::optional<RunningSweep> running, RunningOn(db, worker.id));
  if (!running) {
    return 0;
  }
  const auto progress = board.Progress(running->sweep_id);
  if (progress && progress->has_time_left()) {
    return progress->time_left().seconds() * kMicrosPerSecond;
  }
  return std::max<int64_t>(sweep_us - (now_us - running->start_time_us), 0);
}

absl::StatusOr<WaitingFacts> FactsOf(Database& db, const LiveBoard& board, const Job& job,
                                     int64_t now_us) {
  WaitingFacts facts;
  facts.held = job.held;
  facts.device = job.device;
  facts.now_us = now_us;
  CUSP_ASSIGN_OR_RETURN(const std::vector<Dependency> after, LoadDependencies(db, job.id));
  for (const Dependency& dependency : after) {
    if (dependency.state != JobState::kSucceeded) {
      facts.waits_for.push_back(dependency.public_id);
    }
  }
  const LiveBoard::Counts counts = board.CountFor(job.device);
  facts.workers_alive = counts.alive;
  facts.workers_serving = counts.serving;
  facts.workers_taking = counts.taking;
  CUSP_ASSIGN_OR_RETURN(const Share share, LoadShare(db, job.owner_id));
  facts.running = share.usage.running;
  facts.max_running = share.max_running;
  return facts;
}

// The sweeps ahead, and when the job's turn comes after them.
absl::Status AddTurn(Database& db, const LiveBoard& board, const Job& job, WaitingFacts& facts) {
  const std::vector<Worker> workers = board.TakersOf(job.device);
  std::set<std::string> devices;
  for (const Worker& worker : workers) {
    for (std::string& device : DevicesServedBy(worker)) {
      devices.insert(std::move(device));
    }
  }
  CUSP_ASSIGN_OR_RETURN(const std::optional<int64_t> sweep_us, SweepMicros(db, job, workers));
  const double seconds = static_cast<double>(sweep_us.value_or(0)) / kMicrosPerSecond;
  CUSP_ASSIGN_OR_RETURN(facts.sweeps_ahead, SweepsAhead(db, job, {devices.begin(), devices.end()},
                                                        seconds, facts.now_us));
  if (!sweep_us || facts.sweeps_ahead >= kMaxAhead) {
    return absl::OkStatus();
  }
  std::vector<int64_t> free_in_us;
  for (const Worker& worker : workers) {
    CUSP_ASSIGN_OR_RETURN(const int64_t free_us,
                          FreeIn(db, board, worker, *sweep_us, facts.now_us));
    free_in_us.push_back(free_us);
  }
  facts.start_us =
      EstimateStart(std::move(free_in_us), facts.sweeps_ahead, *sweep_us, facts.now_us);
  return absl::OkStatus();
}

}  // namespace

bool Waits(const Job& job) {
  const auto has = [&](SweepState state) {
    return std::any_of(job.sweeps.begin(), job.sweeps.end(),
                       [&](const Sweep& sweep) { return sweep.state == state; });
  };
  return !HasEnded(job.state) && has(SweepState::kQueued) && !has(SweepState::kRunning);
}

absl::StatusOr<Wait> ExplainWait(Database& db, const LiveBoard& board, const Job& job,
                                 int64_t now_us) {
  CUSP_ASSIGN_OR_RETURN(WaitingFacts facts, FactsOf(db, board, job, now_us));
  if (WaitsForItsTurn(facts)) {
    CUSP_RETURN_IF_ERROR(AddTurn(db, board, job, facts));
  }
  return Wait{WaitingReason(facts), facts.start_us};
}

}  // namespace cusp::server
