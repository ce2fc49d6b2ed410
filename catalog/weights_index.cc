#include "catalog/weights_index.h"

#include <filesystem>

#include "catalog/quote.h"
#include "common/file.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "common/strict_json.h"

namespace cusp::catalog {
namespace {

// Those of the largest published models have a few megabytes.
constexpr size_t kMaxIndexBytes = size_t{64} << 20U;
constexpr int kDeepest = 8;  // the map needs 2; "metadata" may hold anything

// A path would reach files that nobody named.
bool IsPlainName(const std::string& file) {
  return !file.empty() && file != "." && file != ".." && file.find('/') == std::string::npos &&
         file.find('\0') == std::string::npos;
}

absl::Status FaultOf(const StrictJson& json) {
  switch (json.fault) {
    case JsonFault::kDuplicateKey:
      return absl::InvalidArgumentError("tensor " + Quoted(json.duplicate) + ": occurs twice");
    case JsonFault::kSyntax:
      return absl::InvalidArgumentError("not JSON; is it an index of weights?");
    case JsonFault::kTooDeep:
      return absl::InvalidArgumentError("nests deeper than an index of weights does");
    case JsonFault::kNone:
      break;
  }
  return absl::OkStatus();
}

}  // namespace

bool IsWeightsIndex(std::string_view path) { return path.ends_with(".json"); }

absl::StatusOr<WeightsIndex> ParseWeightsIndex(std::string_view json) {
  const StrictJson parsed = ParseStrictJson(json, kDeepest);
  CUSP_RETURN_IF_ERROR(FaultOf(parsed));
  const bool has_map = parsed.value.is_object() && parsed.value.contains("weight_map");
  if (!has_map || !parsed.value["weight_map"].is_object() || parsed.value["weight_map"].empty()) {
    return absl::InvalidArgumentError(
        "has no \"weight_map\" with the file of each tensor; is it an index of weights?");
  }
  WeightsIndex index;
  for (const auto& [tensor, value] : parsed.value["weight_map"].items()) {
    const std::string file = value.is_string() ? value.get<std::string>() : value.dump();
    if (!value.is_string() || !IsPlainName(file)) {
      return absl::InvalidArgumentError("tensor " + Quoted(tensor) + ": its file " + Quoted(file) +
                                        " is not the name of a file beside the index");
    }
    index[file].insert(tensor);
  }
  return index;
}

absl::StatusOr<WeightsIndex> ReadWeightsIndex(const std::string& path) {
  CUSP_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxIndexBytes));
  absl::StatusOr<WeightsIndex> index = ParseWeightsIndex(text);
  return index.ok() ? index : Annotate(index.status(), path);
}

std::string PathBeside(const std::string& index_path, const std::string& name) {
  return (std::filesystem::path(index_path).parent_path() / name).string();
}

absl::StatusOr<std::vector<std::string>> FilesOfWeights(const std::string& path) {
  std::vector<std::string> files = {path};
  if (IsWeightsIndex(path)) {
    CUSP_ASSIGN_OR_RETURN(const WeightsIndex index, ReadWeightsIndex(path));
    for (const auto& [file, tensors] : index) {
      files.push_back(PathBeside(path, file));
    }
  }
  return files;
}

absl::StatusOr<std::string> Sha256HexOfWeights(const std::string& path) {
  if (!IsWeightsIndex(path)) {
    return Sha256HexOfFile(path);
  }
  CUSP_ASSIGN_OR_RETURN(const std::vector<std::string> files, FilesOfWeights(path));
  std::string digests;
  for (const std::string& file : files) {
    CUSP_ASSIGN_OR_RETURN(const std::string digest, Sha256HexOfFile(file));
    digests += digest;
  }
  return Sha256Hex(digests);
}

}  // namespace cusp::catalog
