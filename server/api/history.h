// ListHistory's translation.
#pragma once

#include "absl/status/statusor.h"
#include "cusp/v1/result_service.pb.h"
#include "server/store/sqlite.h"

namespace cusp::server {

// One page. INVALID_ARGUMENT names the field.
absl::StatusOr<v1::ListHistoryResponse> ReadHistory(Database& db,
                                                    const v1::ListHistoryRequest& request);

}  // namespace cusp::server
