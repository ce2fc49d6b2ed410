// The tensors of a model's weights, in one safetensors file or in several.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/models/safetensors.h"
#include "worker/models/safetensors_header.h"

namespace cusp::models {

// Open files, read tensor by tensor. Not thread-safe.
class Checkpoint {
 public:
  // Of a safetensors file or, where `path` ends in .json, of the files that this index
  // names. Errors as SafetensorsFile::Open and catalog::ReadWeightsIndex; of an
  // index also INVALID_ARGUMENT that names the file and a tensor where a file lacks
  // what the index says, or holds what it does not say.
  static absl::StatusOr<Checkpoint> Open(const std::string& path);

  // As it was opened.
  const std::string& path() const { return path_; }
  const std::map<std::string, SafetensorsEntry>& entries() const { return entries_; }

  // The file that holds `name`, one of entries().
  const SafetensorsFile& FileOf(const std::string& name) const { return files_[at_.at(name)]; }

 private:
  explicit Checkpoint(std::string path) : path_(std::move(path)) {}

  void Add(SafetensorsFile file);

  std::string path_;
  std::vector<SafetensorsFile> files_;
  std::map<std::string, SafetensorsEntry> entries_;
  std::map<std::string, size_t> at_;  // in files_, by tensor
};

}  // namespace cusp::models
