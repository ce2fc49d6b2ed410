// Calls to QueryService.
#pragma once

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/lib/connection.h"
#include "cusp/v1/query_service.pb.h"

namespace cusp::client {

// Runs the query and hands each response to `take` as it comes; an error of `take` ends
// it and is the answer. Statuses are the coordinator's, explained as Client does.
absl::Status RunQuery(const Connection& connection, const v1::RunQueryRequest& request,
                      const std::function<absl::Status(const v1::RunQueryResponse&)>& take);

absl::StatusOr<std::vector<v1::SqlView>> ListViews(const Connection& connection);

}  // namespace cusp::client
