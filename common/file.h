// Small files and folders, with errors that name the path.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cusp {

// Whole content. NOT_FOUND, INVALID_ARGUMENT (a folder, or longer than
// `max_bytes`), PERMISSION_DENIED or UNAVAILABLE.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t max_bytes);

// Replaces the file through a temporary one beside it, so that a reader sees
// the old or the new content and never a part, also after a power cut. Mode
// 0644. A device or pipe such as /dev/stdout is written to, not replaced. Errors
// as for ReadFile, and RESOURCE_EXHAUSTED for a full disk.
absl::Status WriteFileAtomically(const std::string& path, std::string_view content);

// Whether there is something at `path` that is neither a file nor a folder, so
// that no other file may be renamed over it.
bool IsDeviceOrPipe(const std::string& path);

// Makes the folder and its parents, mode 0700, where missing.
absl::Status MakeDirectories(const std::string& path);

// Folder of the running executable, for finding the others.
absl::StatusOr<std::string> ExecutableDirectory();

}  // namespace cusp
