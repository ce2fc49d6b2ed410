#include "findings/sweep_model.h"

namespace cusp::findings {

double SweepModel::Seconds(size_t variant, int64_t length, int32_t batch_size) const {
  const catalog::ComponentCost cost =
      costs.At(variant, {.mode = mode, .dtype = dtype, .length = length, .batch_size = batch_size});
  return catalog::ExpectedSeconds(catalog::TermsOf(cost, ceilings), factors);
}

}  // namespace cusp::findings
