// Threads for calls that take seconds, so that they hold none of gRPC's few.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/status.h"

namespace cusp::server {

// A few threads and a short queue before them. Thread-safe.
class SlowCalls {
 public:
  SlowCalls(size_t threads, size_t max_waiting);
  SlowCalls(const SlowCalls&) = delete;
  SlowCalls& operator=(const SlowCalls&) = delete;
  // Stop().
  ~SlowCalls();

  // Runs `call` on one of the threads, or answers RESOURCE_EXHAUSTED where too many
  // wait, and UNAVAILABLE after Stop(): then it is not run.
  absl::Status Run(std::function<void()> call);

  // True once Refuse() or Stop() began: what runs should end.
  bool IsStopping() const;

  // Refuses what comes from now on.
  void Refuse();

  // Refuse(), then runs what waits and joins. Idempotent.
  void Stop();

 private:
  void Loop();

  const size_t max_waiting_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;  // guarded by mutex_
  bool stopping_ = false;                      // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace cusp::server
