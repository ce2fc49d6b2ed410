// y = x W^T + b.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "worker/models/layers/parameter_store.h"

namespace cusp::models {

// Registers PREFIX.weight [out, in] and PREFIX.bias [out] in the store.
class Linear {
 public:
  Linear(ParameterStore& store, const std::string& prefix, int64_t in, int64_t out);

  at::Tensor operator()(const at::Tensor& x) const;

 private:
  at::Tensor weight_;
  at::Tensor bias_;
};

// Registers PREFIX.weight and PREFIX.bias, both [size].
class LayerNorm {
 public:
  LayerNorm(ParameterStore& store, const std::string& prefix, int64_t size, double eps);

  at::Tensor operator()(const at::Tensor& x) const;

 private:
  at::Tensor weight_;
  at::Tensor bias_;
  double eps_;
};

}  // namespace cusp::models
