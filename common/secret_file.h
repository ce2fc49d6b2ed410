// Files that hold a token or a key: nobody but their owner may touch them.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cusp {

// Content of a file that must be private, up to 64 KiB, without surrounding white
// space. PERMISSION_DENIED with the remedy where the group or others have any access;
// INVALID_ARGUMENT where it is empty; otherwise as ReadFile.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

// Writes a new file of mode 0600, whatever the umask. ALREADY_EXISTS; otherwise as
// ReadFile.
absl::Status CreateSecretFile(const std::string& path, std::string_view content);

// Puts a file of mode 0600 in place of what is there, which a reader sees whole, and
// which is never readable by others in between. Errors as for ReadFile.
absl::Status ReplaceSecretFile(const std::string& path, std::string_view content);

}  // namespace cusp
