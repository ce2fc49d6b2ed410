#include "catalog/tokens.h"

#include <utility>

#include "catalog/catalog.h"
#include "catalog/job_check.h"

namespace cusp::catalog {

TokenCounter::TokenCounter(const v1::JobSpec& spec) {
  const auto resolved = ResolveVariants(spec);
  if (!resolved.ok()) {
    return;
  }
  for (const ResolvedVariant& variant : *resolved) {
    nlohmann::json config = nlohmann::json::parse(variant.config_json);
    const Model* model = FindModel(config.at("model_type").get<std::string>());
    if (model->modality != Modality::kText) {
      variants_[variant.name] = {.model = model, .config = std::move(config)};
    }
  }
}

std::optional<int64_t> TokenCounter::At(const std::string& variant, int64_t length) const {
  const auto found = variants_.find(variant);
  if (found == variants_.end()) {
    return std::nullopt;
  }
  return found->second.model->rules.tokens(found->second.config, length);
}

}  // namespace cusp::catalog
