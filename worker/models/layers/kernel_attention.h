// Attention whose weights are products of feature maps, phi(q) . phi(k), so that keys and
// values are summed before queries meet them (Katharopoulos et al., "Transformers are
// RNNs", 2020, eq. 5 and 6).
#pragma once

#include <ATen/core/Tensor.h>

namespace cusp::models {

// v [B, h, n, d] with a last feature of 1, which adds up the weights while the others add
// up the values; 0 throughout at tokens that `keep` [B, n] leaves out, where defined.
at::Tensor WithWeightColumn(const at::Tensor& v, const at::Tensor& keep);

// Divides sums [B, h, n, d + 1] by their last feature plus `epsilon`: [B, h, n, d].
at::Tensor OverWeights(const at::Tensor& sums, double epsilon);

// Features q, k [B, h, n, m], not negative, and v [B, h, n, d] give [B, h, n, d] in n m d steps.
at::Tensor KernelAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                           const at::Tensor& keep, double epsilon);

}  // namespace cusp::models
