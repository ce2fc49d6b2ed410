// Products of rows that tokens have chosen, like ops.h under narrow declarations.
#pragma once

#include <ATen/core/Tensor.h>

namespace cusp::models::ops {

// Writes a @ b into `to` [n, m], for [n, k] and [k, m]. Not for tensors with a gradient.
void ProductInto(at::Tensor& to, const at::Tensor& a, const at::Tensor& b);

}  // namespace cusp::models::ops
