// ArchiveService of proto/cusp/v1/archive_service.proto.
#pragma once

#include "cusp/v1/archive_service.grpc.pb.h"
#include "server/api/gate.h"
#include "server/api/job_view.h"
#include "server/api/slow_calls.h"
#include "server/store/store.h"

namespace cusp::server {

// Both directions run on a slow call's thread. An archive that comes is kept in a file
// without a name in the data folder until it is whole and checked. Thread-safe.
class ArchiveService final : public v1::ArchiveService::CallbackService {
 public:
  ArchiveService(const Gate& gate, Store& store, const JobView& view, SlowCalls& slow)
      : gate_(gate), store_(store), view_(view), slow_(slow) {}

  grpc::ServerWriteReactor<v1::ExportJobResponse>* ExportJob(
      grpc::CallbackServerContext* context, const v1::ExportJobRequest* request) override;
  grpc::ServerReadReactor<v1::ImportJobRequest>* ImportJob(
      grpc::CallbackServerContext* context, v1::ImportJobResponse* response) override;

 private:
  const Gate& gate_;
  Store& store_;
  const JobView& view_;
  SlowCalls& slow_;
};

}  // namespace cusp::server
