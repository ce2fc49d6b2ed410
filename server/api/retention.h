// Drops old samples, by policy and on demand.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "server/store/pruning.h"
#include "server/store/store.h"

namespace cusp::server {

// Prunes job by job, each in a transaction of its own, until none is left that ended
// before `ended_before_us` or `goes_on` is false. Waits for the commits: not for threads
// that serve calls. Errors are the store's; what was dropped before stays dropped.
absl::StatusOr<PruneCounts> PruneAll(Store& store, int64_t ended_before_us,
                                     const std::string& actor,
                                     const std::function<bool()>& goes_on);

// `cuspd serve --keep-samples`: looks every ten minutes for jobs that ended longer ago,
// and drops the samples of one job a second while there are any. Thread-safe.
class Retention {
 public:
  // `keep` zero: keeps everything.
  Retention(Store& store, const Clock& clock, Clock::Duration keep);

  // To be called several times a second; never waits.
  void Tick();

 private:
  // Outlives the write, which may end after this.
  struct State {
    std::mutex mutex;
    bool is_running = false;  // guarded by mutex
    Clock::Monotonic next{};  // guarded by mutex
  };

  Store& store_;
  const Clock& clock_;
  const Clock::Duration keep_;
  const std::shared_ptr<State> state_;
};

}  // namespace cusp::server
