// y = x W^T + b, and norms over the features.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "worker/models/layers/parameter_store.h"

namespace cusp::models {

struct LinearOptions {
  bool bias = true;
  int64_t rank = 0;  // 0: one matrix; else up(down(x)) through so many features
};

// Registers PREFIX.weight [out, in] and, with a bias, PREFIX.bias [out] in the
// store; of low rank PREFIX.down.weight [rank, in], PREFIX.up.weight [out, rank]
// and PREFIX.up.bias.
class Linear {
 public:
  Linear(ParameterStore& store, const std::string& prefix, int64_t in, int64_t out,
         const LinearOptions& options = {});

  at::Tensor operator()(const at::Tensor& x) const;

 private:
  at::Tensor down_;  // undefined but for low rank
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
