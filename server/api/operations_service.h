// OperationsService of proto/cusp/v1/operations_service.proto.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "cusp/v1/operations_service.grpc.pb.h"
#include "server/api/gate.h"
#include "server/api/live_board.h"
#include "server/api/slow_calls.h"
#include "server/store/store.h"

namespace cusp::server {

// Each call runs on a slow call's thread. Thread-safe.
class OperationsService final : public v1::OperationsService::CallbackService {
 public:
  struct Dependencies {
    const Gate& gate;
    Store& store;
    const LiveBoard& board;
    const Clock& clock;
    SlowCalls& slow;
  };

  explicit OperationsService(Dependencies deps) : deps_(deps) {}

  // Files whose expiry is diagnosed. Before serving.
  void SetCertificates(std::vector<std::string> paths) { certificates_ = std::move(paths); }

  grpc::ServerWriteReactor<v1::BackupDatabaseResponse>* BackupDatabase(
      grpc::CallbackServerContext* context, const v1::BackupDatabaseRequest* request) override;
  grpc::ServerUnaryReactor* PruneSamples(grpc::CallbackServerContext* context,
                                         const v1::PruneSamplesRequest* request,
                                         v1::PruneSamplesResponse* response) override;
  grpc::ServerUnaryReactor* Diagnose(grpc::CallbackServerContext* context,
                                     const v1::DiagnoseRequest* request,
                                     v1::DiagnoseResponse* response) override;

 private:
  absl::Status Prune(const v1::PruneSamplesRequest& request, const std::string& user,
                     v1::PruneSamplesResponse& response);
  absl::Status DiagnoseNow(const v1::DiagnoseRequest& request, v1::DiagnoseResponse& response);

  const Dependencies deps_;
  std::vector<std::string> certificates_;
};

}  // namespace cusp::server
