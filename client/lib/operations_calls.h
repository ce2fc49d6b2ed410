// Calls to OperationsService.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/lib/connection.h"
#include "cusp/v1/operations_service.pb.h"

namespace cusp::client {

// Writes a copy of the coordinator's database to the file `path`, mode 0600, which
// appears whole and checked against its hash, or not at all. Answers its size in bytes.
// INVALID_ARGUMENT (the file cannot be made, or is there already), DATA_LOSS (the hash is
// another), RESOURCE_EXHAUSTED (a disk is full).
absl::StatusOr<int64_t> BackUpTo(const Connection& connection, const std::string& path);

// As the rpc of that name; waits as long as it takes.
absl::StatusOr<v1::PruneSamplesResponse> PruneSamples(const Connection& connection,
                                                      std::chrono::seconds older_than,
                                                      bool dry_run);

absl::StatusOr<std::vector<v1::Finding>> Diagnose(const Connection& connection, int64_t now_micros);

}  // namespace cusp::client
