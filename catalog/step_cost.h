// What one step of a variant computes, by the catalog's formulas.
#pragma once

#include <cstdint>

#include "catalog/cost.h"
#include "catalog/job_check.h"
#include "cusp/v1/spec.pb.h"

namespace cusp::catalog {

// Products of one step of `mode` at `length`, in base units, and batch size. Of decoding:
// one token of each sequence after so many. The variant's configuration is complete, and its
// model has the mode.
CostTally StepCost(const ResolvedVariant& variant, v1::Mode mode, v1::DType dtype, int64_t length,
                   int64_t batch_size);

}  // namespace cusp::catalog
