// Delivers the blocks of one attempt, each exactly once as far as the
// coordinator can tell.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "cusp/v1/measurement.pb.h"
#include "cusp/v1/worker_service.grpc.pb.h"
#include "worker/daemon/backoff.h"

namespace cusp::worker {

// Keeps blocks in memory until they are acknowledged. One message is on its way
// at a time and takes all blocks that gathered meanwhile; after a lost
// connection it is sent again under its number. Thread-safe: Run() belongs to
// one thread, the rest may be called from others.
class SampleStream {
 public:
  struct Options {
    std::string attempt;
    // Push() waits when so many blocks are not yet acknowledged.
    size_t max_blocks = 20'000;
    uint64_t seed = 1;  // of the waits between tries
  };

  // `service` must outlive the stream.
  SampleStream(v1::WorkerService::StubInterface& service, Options options);

  // Goes out with the first message.
  void SetProvenance(const v1::Provenance& provenance);

  // Takes a block; waits for room. The error that ended the delivery, or
  // CANCELLED after Close().
  absl::Status Push(const v1::Block& block);

  // Waits until all is acknowledged, or until `deadline`: DEADLINE_EXCEEDED.
  // Errors as of Push().
  absl::Status Flush(std::chrono::steady_clock::time_point deadline);

  // Delivers until Close() or an error that no retry changes:
  // FAILED_PRECONDITION (the attempt is stale), INVALID_ARGUMENT, NOT_FOUND.
  void Run();

  // Ends Run() soon; what is not acknowledged is dropped.
  void Close();

  // Gives up a connection on which the coordinator has been silent for long
  // with a message unacknowledged. To be called now and then.
  void CheckStalled();

  // OK, or the error that ended the delivery.
  absl::Status status() const;

 private:
  using Stream =
      grpc::ClientReaderWriterInterface<v1::StreamSamplesRequest, v1::StreamSamplesResponse>;

  bool WaitForWork();
  absl::Status Connect();
  void Deliver(Stream& stream);
  bool SendOne(Stream& stream);
  bool PrepareMessage();
  void WaitBeforeRetry(const absl::Status& status);

  v1::WorkerService::StubInterface& service_;
  const Options options_;
  Backoff backoff_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<v1::Block> queued_;
  // Sent, perhaps, and not acknowledged. Changed by Run()'s thread alone.
  std::optional<v1::StreamSamplesRequest> in_flight_;
  std::chrono::steady_clock::time_point sent_at_;
  bool sent_ = false;
  int64_t last_sequence_ = 0;
  std::optional<v1::Provenance> provenance_;
  absl::Status status_;
  bool closed_ = false;
  grpc::ClientContext* context_ = nullptr;
};

}  // namespace cusp::worker
