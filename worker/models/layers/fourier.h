// Discrete Fourier transforms of real tensors.
#pragma once

#include <ATen/core/Tensor.h>

namespace cusp::models {

// x [B, n, d], real, gives the real part of its unnormalised transform over the
// last two dimensions, of the same shape and type (Lee-Thorp et al., "FNet",
// 2022, eq. 3). Computed in single precision at least: kernels for half
// precision do not exist everywhere.
at::Tensor RealFourier2d(const at::Tensor& x);

}  // namespace cusp::models
