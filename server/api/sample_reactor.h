// One StreamSamples stream.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <memory>
#include <mutex>

#include "absl/status/statusor.h"
#include "cusp/v1/worker_service.pb.h"
#include "server/auth/authenticator.h"
#include "server/store/blocks.h"
#include "server/store/store.h"

namespace cusp::server {

// Hands messages to the store in order, a few at a time, and acknowledges each
// after its commit. A reader of the socket only reads on while fewer wait, so a
// slow disk holds the sender back. Lives until the stream and its writes are over.
class SampleReactor final
    : public grpc::ServerBidiReactor<v1::StreamSamplesRequest, v1::StreamSamplesResponse>,
      public std::enable_shared_from_this<SampleReactor> {
 public:
  // Starts to read, or ends with the caller's status; the reactor owns itself from
  // then on, and gives the caller up when the stream is over.
  static SampleReactor* Start(Store& store, absl::StatusOr<Caller> caller);

  explicit SampleReactor(Store& store) : store_(store) {}

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  absl::Status CheckSequenceLocked(const v1::StreamSamplesRequest& request);
  absl::Status Submit(const v1::StreamSamplesRequest& request);
  void OnCommitted(int64_t sequence, const absl::StatusOr<AppendOutcome>& outcome);
  void ReadLocked();
  void WriteLocked();
  void FinishLocked(const absl::Status& status);
  // The sender has said all, and all of it is acknowledged.
  void FinishIfCompleteLocked();

  Store& store_;
  std::shared_ptr<SampleReactor> self_;  // until OnDone()
  Caller caller_;                        // until OnDone()
  std::mutex mutex_;
  v1::StreamSamplesRequest request_;    // being read
  v1::StreamSamplesResponse response_;  // being written; guarded by mutex_
  int64_t last_sequence_ = 0;           // guarded by mutex_
  int64_t committed_ = 0;               // guarded by mutex_
  int64_t acknowledged_ = 0;            // guarded by mutex_
  int in_flight_ = 0;                   // guarded by mutex_
  bool is_reading_ = false;             // guarded by mutex_
  bool is_writing_ = false;             // guarded by mutex_
  bool has_ended_ = false;              // guarded by mutex_
  bool is_finished_ = false;            // guarded by mutex_
};

}  // namespace cusp::server
