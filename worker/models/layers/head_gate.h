// What ends retention and gated linear attention: every head normed by itself, and the whole
// gated by the input (Sun et al., "Retentive Network", 2023, eq. 8).
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "worker/models/layers/linear.h"
#include "worker/models/layers/self_attention.h"

namespace cusp::models {

// norm(o / sqrt(d_h)) * swish(gate(x)). Registers PREFIX.gate; the norm has no tensors.
class HeadGate {
 public:
  HeadGate(ParameterStore& store, const std::string& prefix, const AttentionShape& shape,
           double layer_norm_eps);

  // o [B, h, n, d_h], not yet divided by the root of d_h, and x [B, n, d] give
  // [B, n, h * d_h].
  at::Tensor operator()(const at::Tensor& o, const at::Tensor& x) const;

 private:
  Linear gate_;
  double eps_;  // of a norm that takes o as it is
};

}  // namespace cusp::models
