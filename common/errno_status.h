// errno of a failed call on a file, as a status.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace cusp {

// `path` and errno's text: NOT_FOUND (no such file or folder), PERMISSION_DENIED
// (also a read-only file system), RESOURCE_EXHAUSTED (a full disk or quota),
// else UNAVAILABLE.
absl::Status ErrnoStatus(const std::string& path);

}  // namespace cusp
