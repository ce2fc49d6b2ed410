// A stored job as an archive.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/api/archive_format.h"
#include "server/store/store.h"

namespace cusp::server {

// Writes the job's archive to `sink`, reading a page of blocks at a time, each on a
// snapshot of its own, so that a slow sink holds nothing up. FAILED_PRECONDITION (not
// ended), ABORTED (its samples were dropped meanwhile), NOT_FOUND, or the sink's error.
// Answers the SHA-256 of the content, which is equal for equal jobs, wherever they are.
absl::StatusOr<std::string> ExportJob(Store& store, int64_t job_id, ArchiveWriter::Sink sink);

// That SHA-256 alone.
absl::StatusOr<std::string> ContentSha256Of(Store& store, int64_t job_id);

}  // namespace cusp::server
