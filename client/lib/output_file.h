// A file that appears whole or not at all.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cusp::client {

// Writes beside the final path and renames in Commit(); without it nothing is
// left behind. "-" is standard output. A device or pipe (/dev/null, or the
// shell's >(…)) is written to at once. Not thread-safe.
class OutputFile {
 public:
  // With the path named; codes as of ErrnoStatus().
  static absl::StatusOr<OutputFile> Create(const std::string& path);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&& other) = delete;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  // Faults show in Commit().
  void Write(std::string_view text);

  // The same, RESOURCE_EXHAUSTED e.g. on a full disk.
  absl::Status Commit();

 private:
  OutputFile(std::string path, std::string temporary, std::FILE* file)
      : path_(std::move(path)), temporary_(std::move(temporary)), file_(file) {}

  void Discard() const;

  std::string path_;
  std::string temporary_;  // empty for standard output, path_ for a device or pipe
  std::FILE* file_;
};

}  // namespace cusp::client
