// Analytic costs of a job's variants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/cost.h"
#include "catalog/job_check.h"
#include "catalog/model.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::catalog {

// What one step computes.
struct StepShape {
  v1::Mode mode = v1::MODE_INFERENCE;
  v1::DType dtype = v1::DTYPE_FLOAT32;
  int64_t length = 1;  // in the base of the job's unit
  int32_t batch_size = 1;
};

// Variants are numbered as in the job: baselines first, then candidates. Immutable
// once made.
class JobCosts {
 public:
  // INVALID_ARGUMENT with the first problem of a bad job.
  static absl::StatusOr<JobCosts> Of(const v1::JobSpec& spec);

  const std::vector<ResolvedVariant>& variants() const { return variants_; }

  // The sum over all components. Of training with the optimizer's pass over
  // parameters, gradients and moments, which is traffic alone.
  ComponentCost At(size_t variant, const StepShape& shape) const;

  // Bytes of the parameters; of training with gradients and both moments of AdamW.
  double WeightBytes(size_t variant, v1::Mode mode, v1::DType dtype) const;

 private:
  struct Built {
    const Model* model;
    nlohmann::json config;
    double parameters;
    bool fused;  // its attention kernel spares the scores
  };

  std::vector<ResolvedVariant> variants_;
  std::vector<Built> built_;
};

}  // namespace cusp::catalog
