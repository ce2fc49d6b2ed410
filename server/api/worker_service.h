// WorkerService of proto/cusp/v1/worker_service.proto.
#pragma once

#include "common/clock.h"
#include "cusp/v1/worker_service.grpc.pb.h"
#include "server/api/dispatcher.h"
#include "server/api/gate.h"
#include "server/api/live_board.h"
#include "server/api/watch_hub.h"
#include "server/store/store.h"

namespace cusp::server {

// What worker calls work with; everything outlives the service.
struct WorkerServiceDeps {
  const Gate& gate;
  Store& store;
  const Clock& clock;
  LiveBoard& board;
  Dispatcher& dispatcher;
  WatchHub& hub;
};

// Validates, translates, and calls the store and the dispatcher. Thread-safe.
class WorkerService final : public v1::WorkerService::CallbackService {
 public:
  explicit WorkerService(const WorkerServiceDeps& deps) : deps_(deps) {}

  grpc::ServerUnaryReactor* RegisterWorker(grpc::CallbackServerContext* context,
                                           const v1::RegisterWorkerRequest* request,
                                           v1::RegisterWorkerResponse* response) override;
  grpc::ServerUnaryReactor* SyncWorker(grpc::CallbackServerContext* context,
                                       const v1::SyncWorkerRequest* request,
                                       v1::SyncWorkerResponse* response) override;
  grpc::ServerBidiReactor<v1::StreamSamplesRequest, v1::StreamSamplesResponse>* StreamSamples(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* FinishAttempt(grpc::CallbackServerContext* context,
                                          const v1::FinishAttemptRequest* request,
                                          v1::FinishAttemptResponse* response) override;
  grpc::ServerUnaryReactor* ListWorkers(grpc::CallbackServerContext* context,
                                        const v1::ListWorkersRequest* request,
                                        v1::ListWorkersResponse* response) override;

 private:
  const WorkerServiceDeps deps_;
};

}  // namespace cusp::server
