#include <ATen/ops/elu.h>
#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/log_sigmoid.h>

#include "worker/models/layers/ops.h"

namespace cusp::models::ops {

at::Tensor Elu(const at::Tensor& x) { return at::elu(x); }

at::Tensor LogSigmoid(const at::Tensor& x) { return at::log_sigmoid(x); }

std::pair<at::Tensor, at::Tensor> Qr(const at::Tensor& x) {
  auto [q, r] = at::linalg_qr(x);
  return {q, r};
}

}  // namespace cusp::models::ops
