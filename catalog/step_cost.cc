#include "catalog/step_cost.h"

#include <nlohmann/json.hpp>
#include <string>

#include "catalog/axes.h"
#include "catalog/catalog.h"
#include "common/check.h"

namespace cusp::catalog {

CostTally StepCost(const ResolvedVariant& variant, v1::Mode mode, v1::DType dtype, int64_t length,
                   int64_t batch_size) {
  const nlohmann::json config = nlohmann::json::parse(variant.config_json);
  const Model* model = FindModel(config.at("model_type").get<std::string>());
  CUSP_CHECK(model != nullptr);
  CostTally tally({.length = length,
                   .batch_size = batch_size,
                   .pass = mode == v1::MODE_TRAINING ? Pass::kTraining : Pass::kInference,
                   .fused_attention = variant.attention != "eager" && variant.attention != "math",
                   .element_bytes = dtype == v1::DTYPE_FLOAT32 ? 4 : 2});
  if (mode == v1::MODE_DECODE) {
    CUSP_CHECK(model->rules.decode_cost != nullptr);
    model->rules.decode_cost(Pruned(*model, config), tally.work(), tally);
  } else {
    AddCost(*model, config, tally);
  }
  return tally;
}

}  // namespace cusp::catalog
