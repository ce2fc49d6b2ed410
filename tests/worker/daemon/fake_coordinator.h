// A coordinator that keeps everything in memory and does as told.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/server.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cusp/v1/result_service.grpc.pb.h"
#include "cusp/v1/worker_service.grpc.pb.h"
#include "tests/support/temp_dir.h"

namespace cusp::worker {

// What it was told, and what it shall answer.
struct CoordinatorState {
  std::optional<v1::Worker> worker;
  v1::DesiredState desired;
  std::string reported_attempt;  // of the last sync
  bool reported_draining = false;
  std::string reported_not_ready;
  int syncs = 0;
  std::map<int64_t, v1::Block> blocks;  // stored, by number
  int repeated_blocks = 0;              // came again
  std::optional<v1::Provenance> provenance;
  std::vector<v1::FinishAttemptRequest> finishes;
  int lost_acknowledgements = 0;  // so many messages are stored, and then the stream breaks
  bool silent = false;            // messages are neither stored nor acknowledged
  grpc::StatusCode refuse_samples = grpc::StatusCode::OK;
  int refused_finishes = 0;  // so many are answered with UNAVAILABLE
};

// Serves on a Unix socket in a folder of its own; it can be stopped and started
// again and keeps its state. Thread-safe.
class FakeCoordinator {
 public:
  FakeCoordinator();
  ~FakeCoordinator();

  // A channel to it; it also works again after Stop() and Start().
  std::shared_ptr<grpc::Channel> Connect() const;

  void Start();
  void Stop();

  // Changes the state.
  void Set(const std::function<void(CoordinatorState&)>& change);

  // A copy of it.
  CoordinatorState Get();

  // Waits up to 30 s for the state to become so.
  bool WaitFor(const std::function<bool(const CoordinatorState&)>& wanted);

 private:
  std::string address() const { return "unix:" + folder_.Join("socket"); }

  class Workers;
  class Results;

  TempDir folder_;
  std::mutex mutex_;
  std::condition_variable changed_;
  CoordinatorState state_;
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<Results> results_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace cusp::worker
