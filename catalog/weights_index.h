// Weights in several files: `model.safetensors.index.json` says which file beside
// it holds which tensor.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace cusp::catalog {

// Names of tensors by the name of their file.
using WeightsIndex = std::map<std::string, std::set<std::string>>;

// Whether weights at `path` are an index, which the name's end (.json) tells.
bool IsWeightsIndex(std::string_view path);

// INVALID_ARGUMENT that names the tensor: one that occurs twice, or whose file is
// not the plain name of a file beside the index.
absl::StatusOr<WeightsIndex> ParseWeightsIndex(std::string_view json);

// The same of a file. Errors as ReadFile, too, with the path named.
absl::StatusOr<WeightsIndex> ReadWeightsIndex(const std::string& path);

// Path of the file `name` beside the index at `index_path`.
std::string PathBeside(const std::string& index_path, const std::string& name);

// The files that make up the weights at `path`: the file itself, or an index and the files
// that it names, in the order of their names. Errors as ReadWeightsIndex.
absl::StatusOr<std::vector<std::string>> FilesOfWeights(const std::string& path);

// What weights are recognised by: their file's SHA-256; for an index, that of the
// digests of itself and of each of its files, in the order of their names. Reads all of
// them. Errors as ReadWeightsIndex and Sha256HexOfFile.
absl::StatusOr<std::string> Sha256HexOfWeights(const std::string& path);

}  // namespace cusp::catalog
