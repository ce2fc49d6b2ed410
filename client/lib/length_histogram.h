// How long a user's inputs are, read from a file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "analysis/batching.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::client {

// Reads one length per line, or `length,count`, with or without a header line of these
// words. Lengths are in `unit` (whole numbers, but for seconds) and become base units;
// equal ones are added up. The result ascends in length, and some count in it is
// positive. INVALID_ARGUMENT, naming `file` and line, for the first fault.
absl::StatusOr<std::vector<analysis::LengthCount>> ParseLengthHistogram(std::string_view text,
                                                                        const std::string& file,
                                                                        v1::LengthUnit unit);

}  // namespace cusp::client
