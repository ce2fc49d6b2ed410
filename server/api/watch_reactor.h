// One WatchJob stream.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <memory>
#include <mutex>

#include "cusp/v1/job_service.pb.h"
#include "server/api/watch_hub.h"
#include "server/auth/authenticator.h"

namespace cusp::server {

// Sends the newest state whenever the reader is ready: a slow one misses states
// in between, never the last. Deletes itself when the stream is over.
class WatchReactor final : public grpc::ServerWriteReactor<v1::WatchJobResponse>,
                           public JobWatcher {
 public:
  // `caller` counts as watching until the stream is over.
  WatchReactor(WatchHub& hub, int64_t job_id, Caller caller);

  // Subscribes. Apart from the constructor, since answers may come at once.
  void Start();

  void Offer(std::shared_ptr<const v1::Job> job) override;
  void Fail(const absl::Status& status) override;

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  void WriteLocked();
  void FinishLocked(const absl::Status& status);

  WatchHub& hub_;
  const int64_t job_id_;
  const Caller caller_;
  std::mutex mutex_;
  std::shared_ptr<const v1::Job> pending_;  // guarded by mutex_
  v1::WatchJobResponse current_;            // being written; guarded by mutex_
  bool is_writing_ = false;                 // guarded by mutex_
  bool is_finished_ = false;                // guarded by mutex_
};

}  // namespace cusp::server
