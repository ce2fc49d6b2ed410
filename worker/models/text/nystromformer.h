// Nystromformer (Xiong et al., 2021): softmax attention approximated from a
// few landmarks, the means of equal segments.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace cusp::models {

// Moore-Penrose inverse of square matrices [N, m, m] with rows that sum to 1,
// by the iteration of section 3.2, eq. 9. Its start is scaled by the largest
// column sum of the whole batch, as the reference does.
at::Tensor IterativePseudoInverse(const at::Tensor& matrices, int64_t iterations);

// q, k, v [B, h, n, d_h], n a multiple of `landmarks`, give [B, h, n, d_h];
// `additive` [B, 1, 1, n] masks keys where defined. Eq. 13 without the convolution.
at::Tensor NystromAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                            const at::Tensor& additive, int64_t landmarks, int64_t iterations);

}  // namespace cusp::models
