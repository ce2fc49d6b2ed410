#include "catalog/job_costs.h"

#include <utility>

#include "catalog/axes.h"
#include "catalog/catalog.h"
#include "common/status_macros.h"

namespace cusp::catalog {
namespace {

// AdamW reads parameter, gradient and two moments, and writes all but the gradient.
constexpr double kOptimizerPasses = 7;
constexpr double kTrainedCopies = 4;

int64_t ElementBytes(v1::DType dtype) { return dtype == v1::DTYPE_FLOAT32 ? 4 : 2; }

bool SparesScores(const std::string& attention) {
  return attention != "eager" && attention != "math";
}

}  // namespace

absl::StatusOr<JobCosts> JobCosts::Of(const v1::JobSpec& spec) {
  JobCosts costs;
  CUSP_ASSIGN_OR_RETURN(costs.variants_, ResolveVariants(spec));
  for (const ResolvedVariant& variant : costs.variants_) {
    nlohmann::json config = nlohmann::json::parse(variant.config_json);
    const Model* model = FindModel(config.at("model_type").get<std::string>());
    const double parameters = ParametersOf(*model, config);
    costs.built_.push_back({.model = model,
                            .config = std::move(config),
                            .parameters = parameters,
                            .fused = model->attention_backends && SparesScores(variant.attention)});
  }
  return costs;
}

ComponentCost JobCosts::At(size_t variant, const StepShape& shape) const {
  const Built& built = built_[variant];
  const bool trains = shape.mode == v1::MODE_TRAINING;
  CostTally tally({.length = shape.length,
                   .batch_size = shape.batch_size,
                   .pass = trains ? Pass::kTraining : Pass::kInference,
                   .fused_attention = built.fused,
                   .element_bytes = ElementBytes(shape.dtype)});
  if (shape.mode == v1::MODE_DECODE && built.model->rules.decode_cost != nullptr) {
    built.model->rules.decode_cost(Pruned(*built.model, built.config), tally.work(), tally);
  } else {
    AddCost(*built.model, built.config, tally);
  }
  ComponentCost total = tally.Total();
  if (trains) {
    total.bytes +=
        kOptimizerPasses * built.parameters * static_cast<double>(ElementBytes(shape.dtype));
  }
  return total;
}

double JobCosts::WeightBytes(size_t variant, v1::Mode mode, v1::DType dtype) const {
  return built_[variant].parameters * static_cast<double>(ElementBytes(dtype)) *
         (mode == v1::MODE_TRAINING ? kTrainedCopies : 1);
}

}  // namespace cusp::catalog
