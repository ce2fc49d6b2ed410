// Threads for calls that take seconds, so that they hold none of gRPC's few.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "server/api/call_turns.h"

namespace cusp::server {

// A few threads, and a short queue before them that is fair to users. Thread-safe.
class SlowCalls {
 public:
  explicit SlowCalls(const CallTurns::Limits& limits);
  SlowCalls(const SlowCalls&) = delete;
  SlowCalls& operator=(const SlowCalls&) = delete;
  // Stop().
  ~SlowCalls();

  // Runs `call` on one of the threads, when it is its turn, or answers as CallTurns::Add()
  // does, and UNAVAILABLE after Refuse(): then it is not run.
  absl::Status Run(const std::string& user, LongCallKind kind, std::function<void()> call);

  // True once Refuse() or Stop() began: what runs should end.
  bool IsStopping() const;

  // Refuses what comes from now on.
  void Refuse();

  // Refuse(), then runs what waits and joins. Idempotent.
  void Stop();

 private:
  void Loop();

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  CallTurns turns_;        // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace cusp::server
