#include "worker/daemon/weights_files.h"

#include <filesystem>
#include <system_error>

#include "catalog/weights_index.h"

namespace cusp::worker {
namespace {

void Add(const std::string& path, std::vector<std::string>& files) {
  std::error_code error;
  if (path.empty() || !std::filesystem::is_regular_file(path, error)) {
    return;
  }
  files.push_back(path);
  if (!catalog::IsWeightsIndex(path)) {
    return;
  }
  // A bad index is the runner's to refuse.
  if (const auto index = catalog::ReadWeightsIndex(path); index.ok()) {
    for (const auto& [name, tensors] : *index) {
      files.push_back(catalog::PathBeside(path, name));
    }
  }
}

}  // namespace

std::vector<std::string> WeightsFilesOf(const v1::JobSpec& spec) {
  std::vector<std::string> files;
  for (const v1::VariantSpec& variant : spec.baselines()) {
    Add(variant.weights_path(), files);
  }
  for (const v1::VariantSpec& variant : spec.candidates()) {
    Add(variant.weights_path(), files);
  }
  return files;
}

}  // namespace cusp::worker
