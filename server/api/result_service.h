// ResultService of proto/cusp/v1/result_service.proto.
#pragma once

#include "cusp/v1/result_service.grpc.pb.h"
#include "server/api/gate.h"
#include "server/api/live_board.h"
#include "server/store/store.h"

namespace cusp::server {

// Reads finished sweeps from the store and running ones from what their workers
// said last. Thread-safe.
class ResultService final : public v1::ResultService::CallbackService {
 public:
  ResultService(const Gate& gate, Store& store, const LiveBoard& board)
      : gate_(gate), store_(store), board_(board) {}

  grpc::ServerUnaryReactor* GetJobResult(grpc::CallbackServerContext* context,
                                         const v1::GetJobResultRequest* request,
                                         v1::GetJobResultResponse* response) override;
  grpc::ServerUnaryReactor* ListBlocks(grpc::CallbackServerContext* context,
                                       const v1::ListBlocksRequest* request,
                                       v1::ListBlocksResponse* response) override;
  grpc::ServerUnaryReactor* ListHistory(grpc::CallbackServerContext* context,
                                        const v1::ListHistoryRequest* request,
                                        v1::ListHistoryResponse* response) override;

 private:
  const Gate& gate_;
  Store& store_;
  const LiveBoard& board_;
};

}  // namespace cusp::server
