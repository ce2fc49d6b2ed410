#include "client/lib/query_calls.h"

#include <chrono>
#include <utility>

#include "common/grpc_status.h"
#include "common/status_macros.h"
#include "cusp/v1/query_service.grpc.pb.h"

namespace cusp::client {
namespace {

// The coordinator itself ends a query in time; this is for one that is gone.
constexpr std::chrono::seconds kBeyondTimeLimit{60};
constexpr std::chrono::seconds kDefaultTimeLimit{10};

}  // namespace

absl::Status RunQuery(const Connection& connection, const v1::RunQueryRequest& request,
                      const std::function<absl::Status(const v1::RunQueryResponse&)>& take) {
  const auto stub = v1::QueryService::NewStub(connection.channel);
  grpc::ClientContext context;
  const auto limit = request.has_time_limit() ? std::chrono::seconds(request.time_limit().seconds())
                                              : kDefaultTimeLimit;
  context.set_deadline(std::chrono::system_clock::now() + limit + kBeyondTimeLimit);
  const auto stream = stub->RunQuery(&context, request);
  v1::RunQueryResponse response;
  absl::Status taken;
  while (taken.ok() && stream->Read(&response)) {
    taken = take(response);
  }
  if (!taken.ok()) {
    context.TryCancel();
  }
  const absl::Status status = FromGrpc(stream->Finish());
  return taken.ok() ? connection.client.Explain(status) : taken;
}

absl::StatusOr<std::vector<v1::SqlView>> ListViews(const Connection& connection) {
  const auto stub = v1::QueryService::NewStub(connection.channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kBeyondTimeLimit);
  v1::ListViewsResponse response;
  CUSP_RETURN_IF_ERROR(
      connection.client.Explain(FromGrpc(stub->ListViews(&context, {}, &response))));
  return std::vector<v1::SqlView>(response.views().begin(), response.views().end());
}

}  // namespace cusp::client
