// SHA-256, for the identity of files and messages.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace cusp {

// Lower-case hex of the digest.
std::string Sha256Hex(std::string_view bytes);

// The same of a file's content, read in pieces. NOT_FOUND or UNAVAILABLE with
// the path named.
absl::StatusOr<std::string> Sha256HexOfFile(const std::string& path);

}  // namespace cusp
