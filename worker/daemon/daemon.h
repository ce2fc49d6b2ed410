// The worker's loop: asks the coordinator what to do, and does it.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "common/clock.h"
#include "cusp/v1/worker.pb.h"
#include "worker/daemon/coordinator.h"
#include "worker/daemon/session.h"

namespace cusp::worker {

struct DaemonOptions {
  v1::Worker worker;  // how the coordinator shall know this one
  SessionOptions session;
  bool once = false;           // end after the first sweep
  bool register_only = false;  // end once the coordinator knows the worker
};

// Holds at most one session. Run() belongs to one thread; Drain() and StopNow()
// may be called from others.
class Daemon {
 public:
  // `coordinator` and `clock` must outlive the daemon.
  Daemon(DaemonOptions options, Coordinator& coordinator, const Clock& clock);

  // Registers and serves until Drain(), StopNow() or, with `once`, the end of a
  // sweep; with `register_only` it takes none. OK then; PERMISSION_DENIED, UNAUTHENTICATED,
  // INVALID_ARGUMENT where the coordinator does not want this worker at all. A coordinator that
  // can't be reached is waited for.
  absl::Status Run();

  // Takes no further sweep, and gives the current one back after its block.
  void Drain();

  // Ends at once, and kills the runner.
  void StopNow();

 private:
  enum class Stopping { kNo, kDrain, kNow };

  absl::Status Register();
  void Serve();
  bool ReapSession();
  void Apply(const v1::DesiredState& desired);
  v1::SyncWorkerRequest MakeRequest();
  std::string WhyNotReady();
  void Wait(std::chrono::milliseconds duration);
  Stopping stopping();
  void Wake();

  const DaemonOptions options_;
  Coordinator& coordinator_;
  const Clock& clock_;
  std::unique_ptr<Session> session_;  // of Run()'s thread
  std::string last_attempt_;          // ended already
  std::string not_ready_;             // as logged last

  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  Stopping stopping_ = Stopping::kNo;
};

}  // namespace cusp::worker
