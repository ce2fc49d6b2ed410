// Products of rows that tokens have chosen, like ops.h under narrow declarations.
#pragma once

#include <ATen/core/Tensor.h>

namespace cusp::models::ops {

// Writes a @ b into `to` [n, m], for [n, k] and [k, m]. Not for tensors with a gradient.
void ProductInto(at::Tensor& to, const at::Tensor& a, const at::Tensor& b);

// Each token with single rows of its own: what is not chosen is not read, and nothing is
// gathered first. rows [n, g] names rows of weight [N, d]; x [n, d]. y_ij = x_i . weight[rows_ij]:
// [n, g]. Has no gradient.
at::Tensor RowProducts(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& rows);
// scales [n, g]. y_i = sum over j of scales_ij weight[rows_ij]: [n, d].
at::Tensor SumRows(const at::Tensor& scales, const at::Tensor& weight, const at::Tensor& rows);

}  // namespace cusp::models::ops
