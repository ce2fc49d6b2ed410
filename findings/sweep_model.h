// What one step of a sweep is expected to cost.
#pragma once

#include <cstddef>
#include <cstdint>

#include "catalog/job_costs.h"
#include "catalog/prediction.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::findings {

// Formulas, the device, and how many times as long as at its ceilings steps take on
// it. `costs` outlives it.
struct SweepModel {
  const catalog::JobCosts& costs;
  v1::Mode mode = v1::MODE_UNSPECIFIED;
  v1::DType dtype = v1::DTYPE_UNSPECIFIED;
  catalog::Ceilings ceilings;
  catalog::CostTerms factors = catalog::kUsualFactors;

  // Seconds of one step.
  double Seconds(size_t variant, int64_t length, int32_t batch_size) const;
};

}  // namespace cusp::findings
