// Calls to ArchiveService.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/lib/connection.h"
#include "cusp/v1/archive_service.pb.h"

namespace cusp::client {

// Writes the archive of "jobs/{id}" to the file `path` ("-": standard output), which
// appears whole or not at all. INVALID_ARGUMENT for a file that cannot be made.
absl::Status ExportJob(const Connection& connection, const std::string& job,
                       const std::string& path);

// Sends the file. Faults of its content name it. NOT_FOUND or UNAVAILABLE where it
// cannot be read.
absl::StatusOr<v1::ImportJobResponse> ImportJob(const Connection& connection,
                                                const std::string& path);

}  // namespace cusp::client
