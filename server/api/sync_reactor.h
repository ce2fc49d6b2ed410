// One SyncWorker call.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <utility>

#include "cusp/v1/worker_service.pb.h"
#include "server/api/dispatcher.h"
#include "server/api/live_board.h"
#include "server/api/watch_hub.h"
#include "server/auth/authenticator.h"

namespace cusp::server {

// Waits with the dispatcher, and tells it when the worker hangs up. Deletes
// itself when the call is over.
class SyncReactor final : public grpc::ServerUnaryReactor {
 public:
  SyncReactor(Dispatcher& dispatcher, LiveBoard& board, WatchHub& hub, const Clock& clock);

  // Counts the caller's call as open until it is over.
  void Keep(Caller caller) { caller_ = std::move(caller); }

  // `progress` may be null; it and `response` live as long as the call.
  void Start(SyncReport report, Clock::Monotonic deadline, const v1::SweepProgress* progress,
             v1::SyncWorkerResponse* response);
  // Answers with an error instead.
  void Refuse(const absl::Status& status);

  void OnCancel() override;
  void OnDone() override;

 private:
  Dispatcher& dispatcher_;
  LiveBoard& board_;
  WatchHub& hub_;
  const Clock& clock_;
  Caller caller_;
  std::shared_ptr<SyncCall> call_;
};

}  // namespace cusp::server
