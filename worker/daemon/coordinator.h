// The coordinator's calls that a worker makes, with their deadlines.
#pragma once

#include <grpcpp/channel.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cusp/v1/artifact_service.grpc.pb.h"
#include "cusp/v1/result_service.grpc.pb.h"
#include "cusp/v1/worker_service.grpc.pb.h"

namespace cusp::worker {

// Thread-safe. Codes are those of the services; UNAVAILABLE and
// DEADLINE_EXCEEDED where the coordinator can't be reached.
class Coordinator {
 public:
  explicit Coordinator(const std::shared_ptr<grpc::Channel>& channel);

  absl::Status Register(const v1::Worker& worker);

  // `idle` calls may be held back by the coordinator until there is something
  // to do; CANCELLED where CancelSync() ends one.
  absl::StatusOr<v1::SyncWorkerResponse> Sync(const v1::SyncWorkerRequest& request, bool idle);

  // Ends the Sync() that is running, or else the next one: a call that is about
  // to begin must not be missed.
  void CancelSync();

  absl::Status Finish(const v1::FinishAttemptRequest& request, std::chrono::milliseconds timeout);

  // All committed blocks of "jobs/{id}/sweeps/{n}".
  absl::StatusOr<std::vector<v1::Block>> ListBlocks(const std::string& sweep);

  // Whether the coordinator has the file of that SHA-256, and its size.
  absl::StatusOr<v1::StatArtifactResponse> StatArtifact(const std::string& sha256);

  // Hands pieces of the file from `offset` on to `take`, until its end, an error of
  // `take`, or a few seconds are over: call again to go on. So nobody who wants the worker
  // to stop waits for a silent coordinator.
  absl::Status Download(
      const std::string& sha256, int64_t offset,
      const std::function<absl::Status(const v1::DownloadArtifactResponse&)>& take);

  v1::WorkerService::StubInterface& workers() { return *workers_; }

 private:
  std::unique_ptr<v1::WorkerService::StubInterface> workers_;
  std::unique_ptr<v1::ResultService::StubInterface> results_;
  std::unique_ptr<v1::ArtifactService::StubInterface> artifacts_;
  std::mutex mutex_;
  grpc::ClientContext* sync_ = nullptr;
  bool cancelled_ = false;
};

// Codes that no retry changes while the attempt is the same.
bool IsPermanent(const absl::Status& status);

}  // namespace cusp::worker
