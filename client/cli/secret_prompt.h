// Asking for a secret.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace cusp::client {

// A line from standard input without its white space. On a terminal it is asked for by
// `prompt`, on standard error, and not shown. INVALID_ARGUMENT where there is none, or
// what came is no printable text. Main thread only.
absl::StatusOr<std::string> ReadSecretLine(const std::string& prompt);

}  // namespace cusp::client
