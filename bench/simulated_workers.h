// Many workers without a device, in one process.
#pragma once

#include <grpcpp/client_context.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <queue>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/channel.h"
#include "cusp/v1/worker_service.grpc.pb.h"

namespace cusp {

// Each has a connection of its own, registers, and syncs when the last answer says,
// as cusp-worker does. One that is given a sweep of SpecOf() names it at its next
// sync, and after that one reports a result. The calls take no thread each.
class SimulatedWorkers {
 public:
  // On devices of the class and kind `device`. Does nothing yet.
  SimulatedWorkers(ChannelOptions caller, std::string device, int count);
  // Hangs up and waits for the calls to end.
  ~SimulatedWorkers();
  SimulatedWorkers(const SimulatedWorkers&) = delete;
  SimulatedWorkers& operator=(const SimulatedWorkers&) = delete;

  // Registers all of them, then lets them sync. The first error of a registration.
  absl::Status Start();

  // Calls that were answered, sweeps that were ended, and calls that failed.
  int64_t syncs() const { return syncs_; }
  int64_t ended() const { return ended_; }
  int64_t errors() const { return errors_; }

 private:
  using Time = std::chrono::steady_clock::time_point;

  struct Worker {
    std::unique_ptr<v1::WorkerService::Stub> stub;
    std::unique_ptr<grpc::ClientContext> context;  // of the call that runs
    v1::SyncWorkerRequest sync;
    v1::SyncWorkerResponse desired;
    v1::FinishAttemptRequest finish;
    v1::FinishAttemptResponse finished;
  };

  void Loop();
  void Sync(size_t index);
  void OnSync(size_t index, const grpc::Status& status);
  void Finish(size_t index);
  // The next sync of a worker whose call is over.
  void CallAgain(size_t index, std::chrono::milliseconds wait);
  bool NewContext(Worker& worker);

  const ChannelOptions caller_;
  const std::string device_;
  std::vector<Worker> workers_;  // each touched by one call or the loop at a time
  std::atomic<int64_t> syncs_{0};
  std::atomic<int64_t> ended_{0};
  std::atomic<int64_t> errors_{0};

  std::mutex mutex_;
  std::condition_variable changed_;
  // (when, whose) sync is due.
  std::priority_queue<std::pair<Time, size_t>, std::vector<std::pair<Time, size_t>>,
                      std::greater<>>
      due_;                // guarded by mutex_
  int in_flight_ = 0;      // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace cusp
