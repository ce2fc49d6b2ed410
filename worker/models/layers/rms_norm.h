// Root mean square layer normalization (Zhang and Sennrich, 2019, eq. 4).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "worker/models/layers/parameter_store.h"

namespace cusp::models {

// weight * x / sqrt(mean(x^2) + eps) over the features; the mean in float32 at
// least. Registers PREFIX.weight [size].
class RmsNorm {
 public:
  RmsNorm(ParameterStore& store, const std::string& prefix, int64_t size, double eps);

  at::Tensor operator()(const at::Tensor& x) const;

 private:
  at::Tensor weight_;
  double eps_;
};

}  // namespace cusp::models
