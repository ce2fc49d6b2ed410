#include "server/api/retention.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

#include "common/status_macros.h"

namespace cusp::server {
namespace {

constexpr std::chrono::minutes kBetweenLooks{10};
constexpr std::chrono::seconds kBetweenJobs{1};
constexpr char kPolicy[] = "policy";

}  // namespace

absl::StatusOr<PruneCounts> PruneAll(Store& store, int64_t ended_before_us,
                                     const std::string& actor,
                                     const std::function<bool()>& goes_on) {
  PruneCounts all;
  while (goes_on()) {
    PruneCounts one;
    CUSP_RETURN_IF_ERROR(store.WriteAndWait([&](Transaction& tx) -> absl::Status {
      CUSP_ASSIGN_OR_RETURN(one, PruneOldestJob(tx, ended_before_us, actor));
      return absl::OkStatus();
    }));
    if (one.jobs == 0) {
      break;
    }
    all.Add(one);
  }
  return all;
}

Retention::Retention(Store& store, const Clock& clock, Clock::Duration keep)
    : store_(store), clock_(clock), keep_(keep), state_(std::make_shared<State>()) {}

void Retention::Tick() {
  if (keep_ == Clock::Duration::zero()) {
    return;
  }
  {
    const std::lock_guard<std::mutex> lock(state_->mutex);
    if (state_->is_running || clock_.Now() < state_->next) {
      return;
    }
    state_->is_running = true;
  }
  const int64_t before_us =
      clock_.WallMicros() - std::chrono::duration_cast<std::chrono::microseconds>(keep_).count();
  store_.Write<PruneCounts>(
      [before_us](Transaction& tx) { return PruneOldestJob(tx, before_us, kPolicy); },
      [state = state_, &clock = clock_](const absl::StatusOr<PruneCounts>& counts) {
        if (!counts.ok()) {
          spdlog::warn("samples not pruned: {}", std::string(counts.status().message()));
        } else if (counts->jobs > 0) {
          spdlog::info("samples pruned jobs={} blocks={} samples={}", counts->jobs, counts->blocks,
                       counts->samples);
        }
        const bool more = counts.ok() && counts->jobs > 0;
        const std::lock_guard<std::mutex> lock(state->mutex);
        state->is_running = false;
        state->next = clock.Now() + (more ? Clock::Duration(kBetweenJobs) : kBetweenLooks);
      });
}

}  // namespace cusp::server
