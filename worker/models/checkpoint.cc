#include "worker/models/checkpoint.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "catalog/quote.h"
#include "catalog/weights_index.h"
#include "common/status_macros.h"

namespace cusp::models {
namespace {

absl::Status Bad(const std::string& tensor, const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat("tensor ", catalog::Quoted(tensor), ": ", what));
}

// The file that the index names for `tensor`, or nothing.
std::string FileFor(const std::string& tensor, const catalog::WeightsIndex& index) {
  const auto found = std::find_if(index.begin(), index.end(),
                                  [&](const auto& file) { return file.second.contains(tensor); });
  return found == index.end() ? "" : found->first;
}

// Whether `file`, called `name` in the index, holds just what the index says: else the
// two are of different models, or of different versions of one.
absl::Status CheckHeld(const SafetensorsFile& file, const std::string& name,
                       const catalog::WeightsIndex& index) {
  const std::set<std::string>& named = index.at(name);
  for (const std::string& tensor : named) {
    if (!file.entries().contains(tensor)) {
      return Bad(tensor, absl::StrCat("the index says that it lies in ", catalog::Quoted(name),
                                      ", which does not hold it"));
    }
  }
  for (const auto& [tensor, entry] : file.entries()) {
    if (!named.contains(tensor)) {
      const std::string other = FileFor(tensor, index);
      return Bad(tensor, absl::StrCat("lies in ", catalog::Quoted(name), ", but the index ",
                                      other.empty() ? "does not name it"
                                                    : "names " + catalog::Quoted(other)));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<SafetensorsFile> OpenNamed(const std::string& index_path, const std::string& name,
                                          const catalog::WeightsIndex& index) {
  auto file = SafetensorsFile::Open(catalog::PathBeside(index_path, name));
  if (!file.ok()) {
    const std::string& tensor = *index.at(name).begin();
    return Annotate(file.status(), absl::StrCat("tensor ", catalog::Quoted(tensor)));
  }
  CUSP_RETURN_IF_ERROR(CheckHeld(*file, name, index));
  return file;
}

}  // namespace

absl::StatusOr<Checkpoint> Checkpoint::Open(const std::string& path) {
  Checkpoint checkpoint(path);
  if (!catalog::IsWeightsIndex(path)) {
    CUSP_ASSIGN_OR_RETURN(SafetensorsFile file, SafetensorsFile::Open(path));
    checkpoint.Add(std::move(file));
    return checkpoint;
  }
  CUSP_ASSIGN_OR_RETURN(const catalog::WeightsIndex index, catalog::ReadWeightsIndex(path));
  for (const auto& [name, tensors] : index) {
    absl::StatusOr<SafetensorsFile> file = OpenNamed(path, name, index);
    if (!file.ok()) {
      return Annotate(file.status(), path);
    }
    checkpoint.Add(*std::move(file));
  }
  return checkpoint;
}

void Checkpoint::Add(SafetensorsFile file) {
  for (const auto& [name, entry] : file.entries()) {
    entries_.emplace(name, entry);
    at_.emplace(name, files_.size());
  }
  files_.push_back(std::move(file));
}

}  // namespace cusp::models
