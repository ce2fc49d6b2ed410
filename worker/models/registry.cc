#include "worker/models/registry.h"

#include <c10/util/Exception.h>

#include "absl/strings/str_format.h"
#include "common/status_macros.h"
#include "worker/models/builders.h"
#include "worker/models/config.h"
#include "worker/models/memory_limit.h"

namespace cusp::models {
namespace {

struct ModelRow {
  const char* model_type;
  absl::StatusOr<std::unique_ptr<Model>> (*build)(const Config& config, const BuildOptions& build);
};

constexpr ModelRow kModels[] = {
#define CUSP_MODEL(type, Name) {#type, Build##Name},
#include "catalog/models.def"
#undef CUSP_MODEL
};

}  // namespace

std::vector<std::string> ModelTypes() {
  std::vector<std::string> types;
  for (const ModelRow& row : kModels) {
    types.emplace_back(row.model_type);
  }
  return types;
}

absl::StatusOr<std::unique_ptr<Model>> BuildModel(const std::string& config_json,
                                                  const BuildOptions& options) {
  CUSP_ASSIGN_OR_RETURN(const Config config,
                        Config::Parse(config_json, options.profiling, options.longest_length));
  CUSP_RETURN_IF_ERROR(
      CheckMemory(config.parameters() * static_cast<double>(c10::elementSize(options.dtype)),
                  options, absl::StrFormat("%.4g parameters", config.parameters())));
  for (const ModelRow& row : kModels) {
    if (config.model().name == row.model_type) {
      return row.build(config, options);
    }
  }
  return absl::InternalError("no builder for a model of the catalog");
}

at::Tensor Model::Extend(const at::Tensor& /*input_ids*/, DecodeState& /*state*/) {
  TORCH_CHECK(false, "this model does not decode");
}

}  // namespace cusp::models
