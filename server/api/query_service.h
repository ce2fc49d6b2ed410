// QueryService of proto/cusp/v1/query_service.proto.
#pragma once

#include "common/clock.h"
#include "cusp/v1/query_service.grpc.pb.h"
#include "server/api/gate.h"
#include "server/api/slow_calls.h"
#include "server/store/store.h"

namespace cusp::server {

// Runs each query on a slow call's thread and a connection of its own, and sends rows
// as fast as the caller takes them. Thread-safe.
class QueryService final : public v1::QueryService::CallbackService {
 public:
  QueryService(const Gate& gate, Store& store, const Clock& clock, SlowCalls& slow)
      : gate_(gate), store_(store), clock_(clock), slow_(slow) {}

  grpc::ServerWriteReactor<v1::RunQueryResponse>* RunQuery(
      grpc::CallbackServerContext* context, const v1::RunQueryRequest* request) override;
  grpc::ServerUnaryReactor* ListViews(grpc::CallbackServerContext* context,
                                      const v1::ListViewsRequest* request,
                                      v1::ListViewsResponse* response) override;

 private:
  const Gate& gate_;
  Store& store_;
  const Clock& clock_;
  SlowCalls& slow_;
};

}  // namespace cusp::server
