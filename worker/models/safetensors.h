// Tensors in safetensors files.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/models/safetensors_header.h"

namespace cusp::models {

// A file opened for reading tensor by tensor, so that a large one is never in
// memory twice. Not thread-safe.
class SafetensorsFile {
 public:
  // NOT_FOUND, PERMISSION_DENIED, or INVALID_ARGUMENT that names the file and tensor.
  static absl::StatusOr<SafetensorsFile> Open(const std::string& path);
  SafetensorsFile(SafetensorsFile&& other) noexcept;
  SafetensorsFile& operator=(SafetensorsFile&& other) noexcept;
  SafetensorsFile(const SafetensorsFile&) = delete;
  SafetensorsFile& operator=(const SafetensorsFile&) = delete;
  ~SafetensorsFile();

  const std::string& path() const { return path_; }
  const std::map<std::string, SafetensorsEntry>& entries() const { return header_.tensors; }

  // A CPU tensor of the file's type. NOT_FOUND for an unknown name, DATA_LOSS
  // where the file has shrunk since it was opened.
  absl::StatusOr<at::Tensor> Read(const std::string& name) const;

 private:
  SafetensorsFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::string path_;
  int fd_;
  SafetensorsHeader header_;
};

// Every tensor of a file. Errors as for Open and Read.
absl::StatusOr<std::map<std::string, at::Tensor>> ReadSafetensors(const std::string& path);

// Replaces the file by these tensors, through a temporary one beside it.
// INVALID_ARGUMENT for a type that the format lacks, else as WriteFileAtomically.
absl::Status WriteSafetensors(const std::string& path,
                              const std::vector<std::pair<std::string, at::Tensor>>& tensors);

}  // namespace cusp::models
