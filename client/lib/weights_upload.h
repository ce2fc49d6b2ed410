// Sends the weights that a job names to its coordinator.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "client/lib/client.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::client {

// Told after each piece how much of which file the coordinator has. An error ends the
// upload, which can be taken up again.
using UploadListener =
    std::function<absl::Status(const std::string& path, int64_t sent_bytes, int64_t size_bytes)>;

// Sends each file that a variant's weights consist of and that the coordinator lacks, and
// goes on where an earlier call stopped, also across lost connections. Of weights in
// shards it also sends the list of the files' digests, whose own is weights_sha256. A
// coordinator that takes no files is left to find the weights itself.
// FAILED_PRECONDITION where a file is no longer what the job names; the listener's
// error; otherwise the coordinator's.
absl::Status UploadWeights(Client& client, const v1::JobSpec& spec, const UploadListener& listener);

}  // namespace cusp::client
