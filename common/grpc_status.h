// The one bridge between absl::Status and grpc::Status; the codes are equal.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace cusp {

grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace cusp
