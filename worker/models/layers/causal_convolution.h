// Depthwise convolution over a sequence, of each token and those before it.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "worker/models/layers/parameter_store.h"

namespace cusp::models {

struct CausalConvolutionOptions {
  int64_t channels = 0;
  int64_t taps = 0;
  bool bias = true;
};

// y_t = bias + sum over k of weight_k * x_(t - taps + 1 + k), each channel by itself.
// Registers PREFIX.weight [channels, 1, taps], drawn as transformers draws it, and
// PREFIX.bias [channels].
class CausalConvolution {
 public:
  CausalConvolution(ParameterStore& store, const std::string& prefix,
                    const CausalConvolutionOptions& options);

  // x [B, n, channels] gives the same shape. `before` [B, taps - 1, channels] holds the
  // inputs that came before and takes in the last of these; undefined: zeros. nullptr:
  // none came before, and nothing is kept.
  at::Tensor operator()(const at::Tensor& x, at::Tensor* before) const;

 private:
  int64_t taps_;
  at::Tensor weight_;
  at::Tensor bias_;
};

}  // namespace cusp::models
