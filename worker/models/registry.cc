#include "worker/models/registry.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_macros.h"
#include "worker/models/config.h"
#include "worker/models/text/bert.h"
#include "worker/models/text/linformer.h"
#include "worker/models/text/longformer.h"
#include "worker/models/text/nystromformer.h"

namespace cusp::models {
namespace {

struct ModelRow {
  const char* model_type;
  absl::StatusOr<std::unique_ptr<Model>> (*build)(ConfigReader& config, const BuildOptions& build);
};

constexpr ModelRow kModels[] = {
    {"bert", BuildBert},
    {"longformer", BuildLongformer},
    {"nystromformer", BuildNystromformer},
    {"linformer", BuildLinformer},
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
  CUSP_ASSIGN_OR_RETURN(ConfigReader config, ConfigReader::Parse(config_json));
  if (!config.Has("model_type")) {
    config.Fail("model_type", absl::StrCat("missing; one of ", absl::StrJoin(ModelTypes(), ", ")));
  }
  const std::string type = config.Text("model_type", "");
  for (const ModelRow& row : kModels) {
    if (type == row.model_type) {
      return row.build(config, options);
    }
  }
  config.Fail("model_type", absl::StrCat("unknown model '", type.substr(0, 80), "'; one of ",
                                         absl::StrJoin(ModelTypes(), ", ")));
  return config.Finish();
}

}  // namespace cusp::models
