// Gives queued sweeps to the workers that ask.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "server/api/live_board.h"
#include "server/queue/lease_table.h"
#include "server/store/attempts.h"
#include "server/store/leasing.h"
#include "server/store/store.h"
#include "server/store/workers.h"

namespace cusp::server {

// One SyncWorker call until its answer.
struct SyncCall {
  SyncReport report;
  // Called once, on any thread.
  std::function<void(absl::StatusOr<SyncAnswer>)> reply;
  Clock::Monotonic deadline;  // an idle call waits for work until then
  std::atomic<bool> is_cancelled{false};
  SyncAnswer idle_answer;  // of a call that waits
};

// Runs syncs through the store, keeps the leases' ends, and holds calls of idle
// workers until there is work for them, without a thread for each: of each device
// class as many as may be needed at once, the others are answered. Decides
// on the writer's thread, so a sweep queued by a commit cannot slip past a call
// that is about to wait. Thread-safe.
class Dispatcher {
 public:
  Dispatcher(Store& store, const Clock& clock, LiveBoard& board);

  // Takes up the leases of the last run, each as just renewed. Before serving.
  absl::Status Start();

  void Sync(std::shared_ptr<SyncCall> call);

  // The caller is gone: nothing is leased to it any more.
  void Cancel(const std::shared_ptr<SyncCall>& call);

  // The attempt's lease is over.
  void Release(const LeaseKey& lease);

  // For Store::SetListener(): wakes workers for sweeps that were queued.
  void OnQueued(const std::vector<std::string>& devices);

  // The worker was drained or resumed: what its waiting call knows of it is old.
  void SyncAgain(const std::string& worker);

  // Frees what expired and answers calls that waited long enough. To be called
  // several times a second, and at `NextAnswer()`.
  void Tick();

  // When the first of the calls that wait has waited long enough; nothing where none does.
  std::optional<Clock::Monotonic> NextAnswer() const;

  // Answers all calls that wait with UNAVAILABLE, and later ones too.
  void Stop();

 private:
  void OnAnswer(const std::shared_ptr<SyncCall>& call, absl::StatusOr<SyncAnswer> answer);
  // False where the call has to be answered now, with `answer`.
  bool Park(const std::shared_ptr<SyncCall>& call, absl::StatusOr<SyncAnswer>& answer);
  void ExpireLeases();

  Store& store_;
  const Clock& clock_;
  LiveBoard& board_;
  mutable std::mutex mutex_;
  LeaseTable leases_;                             // guarded by mutex_
  std::list<std::shared_ptr<SyncCall>> waiting_;  // longest waiting first; guarded by mutex_
  bool stopped_ = false;                          // guarded by mutex_
};

}  // namespace cusp::server
