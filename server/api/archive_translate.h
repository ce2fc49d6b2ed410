// From an archive's messages to the structs of store, checked as if a worker had sent them.
#pragma once

#include "absl/status/statusor.h"
#include "cusp/v1/archive.pb.h"
#include "cusp/v1/spec.pb.h"
#include "server/store/archives.h"

namespace cusp::server {

// An ended job whose variants have distinct names and whose times are in order.
// INVALID_ARGUMENT.
absl::StatusOr<ArchivedJob> ArchivedJobOf(const v1::ArchivedJob& in);

// Sweep `number` of that job, ended, as its spec asks for it. INVALID_ARGUMENT.
absl::StatusOr<ArchivedSweep> ArchivedSweepOf(const v1::ArchivedSweep& in, const ArchivedJob& job,
                                              const v1::JobSpec& spec, int number);

}  // namespace cusp::server
