#include "worker/models/layers/ops_rows.h"

#include <ATen/ops/_embedding_bag_per_sample_weights_backward.h>
#include <ATen/ops/embedding_bag.h>
#include <ATen/ops/mm.h>

#include <tuple>

#include "worker/models/layers/ops.h"

namespace cusp::models::ops {
namespace {

constexpr int64_t kSum = 0;  // embedding_bag's mode

// Where each token's rows begin.
at::Tensor Offsets(const at::Tensor& rows) {
  return Arange(rows.size(0), rows.device()).mul_(rows.size(1));
}

}  // namespace

void ProductInto(at::Tensor& to, const at::Tensor& a, const at::Tensor& b) { at::mm_out(to, a, b); }

at::Tensor RowProducts(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& rows) {
  // The gradient of SumRows for its scales is this product, and LibTorch has it as a kernel.
  const at::Tensor tokens =
      Arange(rows.size(0), rows.device()).unsqueeze(1).expand(rows.sizes()).contiguous();
  return at::_embedding_bag_per_sample_weights_backward(x, weight, rows.flatten(), Offsets(rows),
                                                        tokens.view(-1), kSum)
      .view(rows.sizes());
}

at::Tensor SumRows(const at::Tensor& scales, const at::Tensor& weight, const at::Tensor& rows) {
  return std::get<0>(at::embedding_bag(weight, rows.flatten(), Offsets(rows),
                                       /*scale_grad_by_freq=*/false, kSum, /*sparse=*/false,
                                       scales.flatten()));
}

}  // namespace cusp::models::ops
