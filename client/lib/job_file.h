// Job files: YAML (or JSON, which is YAML too), read strictly.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::client {

// Reads, completes and checks the job file at `path`, with the configuration
// files that it names; hashes the weights that it names. The answer has every
// default filled in. INVALID_ARGUMENT for every fault of the file or of what it
// names, as one line "path:line:column: message; remedy" (no place where the
// file could not be read at all). Takes well under a second, whatever the file
// holds, but for hashing large weights.
absl::StatusOr<v1::JobSpec> ReadJobFile(const std::string& path);

// The same for a text at hand. `shown_path` is what errors call it; files that
// it names are found from `folder`.
absl::StatusOr<v1::JobSpec> ParseJobFile(std::string_view text, const std::string& shown_path,
                                         const std::string& folder);

}  // namespace cusp::client
