// Rows of a matrix in another order.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace cusp::models {

// x [N, d] gives row order[i] of x at row i, for `order` [N * times] that names each row
// equally often. `places` [N * times] holds, for each row of x in turn, the places of
// `order` that name it. Both int64. The gradient is gathered by `places`, where that of a
// general selection would be scattered.
at::Tensor TakeRows(const at::Tensor& x, const at::Tensor& order, const at::Tensor& places);

// For a permutation: inverse[order[i]] = i.
at::Tensor InversePermutation(const at::Tensor& order);

}  // namespace cusp::models
