#include "server/api/dispatcher.h"

#include <algorithm>
#include <utility>

#include "common/status_macros.h"
#include "server/queue/matching.h"

namespace cusp::server {
namespace {

// Calls of idle workers that are held for each device class; the others are answered and
// come back in time. More would wait for a burst of that many sweeps within one sync
// interval, and each takes some 12 KiB.
constexpr int64_t kMostHeld = 64;

absl::Status CallerGone() { return absl::CancelledError("the worker has hung up"); }
absl::Status Stopping() { return absl::UnavailableError("the service is stopping; try again"); }

}  // namespace

Dispatcher::Dispatcher(Store& store, const Clock& clock, LiveBoard& board)
    : store_(store), clock_(clock), board_(board) {}

absl::Status Dispatcher::Start() {
  CUSP_ASSIGN_OR_RETURN(const std::vector<LeaseKey> leases,
                        store_.Read<std::vector<LeaseKey>>(ActiveLeases));
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const LeaseKey& lease : leases) {
    leases_.Renew(lease, clock_.Now());
  }
  return absl::OkStatus();
}

void Dispatcher::Sync(std::shared_ptr<SyncCall> call) {
  bool stopped = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped = stopped_;
  }
  if (stopped) {
    call->reply(Stopping());
    return;
  }
  store_.Write<SyncAnswer>(
      [call](Transaction& tx) -> absl::StatusOr<SyncAnswer> {
        if (call->is_cancelled) {
          return CallerGone();
        }
        return SyncWorker(tx, call->report);
      },
      [this, call](absl::StatusOr<SyncAnswer> answer) { OnAnswer(call, std::move(answer)); });
}

void Dispatcher::OnAnswer(const std::shared_ptr<SyncCall>& call,
                          absl::StatusOr<SyncAnswer> answer) {
  if (!answer.ok()) {
    call->reply(answer.status());
    return;
  }
  board_.Heard(answer->worker, call->report.draining, call->report.not_ready);
  if (answer->action == SyncAction::kMeasure) {
    const std::lock_guard<std::mutex> lock(mutex_);
    leases_.Renew(answer->lease, clock_.Now());
  } else if (answer->action == SyncAction::kIdle) {
    call->idle_answer = *answer;
    if (Park(call, answer)) {
      return;
    }
  }
  call->reply(std::move(answer));
}

bool Dispatcher::Park(const std::shared_ptr<SyncCall>& call, absl::StatusOr<SyncAnswer>& answer) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (stopped_) {
    answer = Stopping();
    return false;
  }
  if (call->is_cancelled || call->report.draining || !call->report.not_ready.empty() ||
      call->report.attempt || clock_.Now() >= call->deadline) {
    return false;
  }
  const std::string& device_class = call->idle_answer.worker.device_class;
  const auto is_alike = [&](const std::shared_ptr<SyncCall>& other) {
    return other->idle_answer.worker.device_class == device_class;
  };
  if (std::count_if(waiting_.begin(), waiting_.end(), is_alike) >= kMostHeld) {
    return false;
  }
  waiting_.push_back(call);
  return true;
}

void Dispatcher::Cancel(const std::shared_ptr<SyncCall>& call) {
  call->is_cancelled = true;
  bool was_waiting = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto it = std::find(waiting_.begin(), waiting_.end(), call);
    if (it != waiting_.end()) {
      waiting_.erase(it);
      was_waiting = true;
    }
  }
  if (was_waiting) {
    call->reply(CallerGone());
  }
}

void Dispatcher::Release(const LeaseKey& lease) {
  const std::lock_guard<std::mutex> lock(mutex_);
  leases_.Release(lease);
}

void Dispatcher::OnQueued(const std::vector<std::string>& devices) {
  std::vector<std::shared_ptr<SyncCall>> woken;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const std::string& device : devices) {
      // A drained one is given nothing, and would let the sweep lie until the next sync.
      const auto it = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& call) {
        const Worker& worker = call->idle_answer.worker;
        return !worker.TakesNothing() && Serves(worker, device);
      });
      if (it != waiting_.end()) {
        woken.push_back(*it);
        waiting_.erase(it);
      }
    }
  }
  for (auto& call : woken) {
    Sync(std::move(call));
  }
}

void Dispatcher::SyncAgain(const std::string& worker) {
  std::vector<std::shared_ptr<SyncCall>> woken;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      if ((*it)->report.worker == worker) {
        woken.push_back(*it);
        it = waiting_.erase(it);
      } else {
        ++it;
      }
    }
  }
  for (auto& call : woken) {
    Sync(std::move(call));
  }
}

void Dispatcher::Tick() {
  ExpireLeases();
  const Clock::Monotonic now = clock_.Now();
  std::vector<std::shared_ptr<SyncCall>> due;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      if ((*it)->deadline <= now) {
        due.push_back(*it);
        it = waiting_.erase(it);
      } else {
        ++it;
      }
    }
  }
  for (const auto& call : due) {
    board_.Heard(call->idle_answer.worker, call->report.draining, call->report.not_ready);
    call->reply(call->idle_answer);
  }
}

std::optional<Clock::Monotonic> Dispatcher::NextAnswer() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto first =
      std::min_element(waiting_.begin(), waiting_.end(),
                       [](const auto& a, const auto& b) { return a->deadline < b->deadline; });
  return first == waiting_.end() ? std::nullopt : std::optional((*first)->deadline);
}

void Dispatcher::ExpireLeases() {
  std::vector<LeaseKey> expired;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    expired = leases_.Expired(clock_.Now());
  }
  for (const LeaseKey& lease : expired) {
    store_.Write<bool>(
        [this, lease](Transaction& tx) -> absl::StatusOr<bool> {
          {
            // A sync that was committed meanwhile has renewed it.
            const std::lock_guard<std::mutex> lock(mutex_);
            if (!leases_.HasExpired(lease, clock_.Now())) {
              return false;
            }
          }
          CUSP_RETURN_IF_ERROR(ExpireAttempt(tx, lease));
          return true;
        },
        [this, lease](const absl::StatusOr<bool>& expired_now) {
          // After an error the next tick tries again.
          if (expired_now.ok() && *expired_now) {
            Release(lease);
            board_.DropProgress(lease.sweep_id);
          }
        });
  }
}

void Dispatcher::Stop() {
  std::list<std::shared_ptr<SyncCall>> waiting;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
    waiting.swap(waiting_);
  }
  for (const auto& call : waiting) {
    call->reply(Stopping());
  }
}

}  // namespace cusp::server
