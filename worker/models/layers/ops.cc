#include "worker/models/layers/ops.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/baddbmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/dropout.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/full.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/hardswish.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mish.h>
#include <ATen/ops/relu6.h>
#include <ATen/ops/rms_norm.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/where.h>

#include <optional>
#include <string_view>

namespace cusp::models::ops {
namespace {

c10::TensorOptions Options(at::ScalarType dtype, at::Device device) {
  return c10::TensorOptions().dtype(dtype).device(device);
}

std::string_view GeluKind(bool tanh) { return tanh ? "tanh" : "none"; }

}  // namespace

at::Tensor Empty(at::IntArrayRef sizes, at::ScalarType dtype, at::Device device) {
  return at::empty(sizes, Options(dtype, device));
}

at::Tensor Full(at::IntArrayRef sizes, double value, at::ScalarType dtype, at::Device device) {
  return at::full(sizes, value, Options(dtype, device));
}

at::Tensor Arange(int64_t end, at::Device device) {
  return at::arange(end, Options(at::kLong, device));
}

at::Tensor Eye(int64_t n, at::ScalarType dtype, at::Device device) {
  return at::eye(n, Options(dtype, device));
}

at::Tensor Cat(at::TensorList tensors, int64_t dim) { return at::cat(tensors, dim); }

at::Tensor Pad(const at::Tensor& x, at::IntArrayRef pad, double value) {
  return at::constant_pad_nd(x, pad, value);
}

at::Tensor Where(const at::Tensor& condition, const at::Tensor& x, const at::Tensor& y) {
  return at::where(condition, x, y);
}

at::Tensor Linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return at::linear(x, weight, bias);
}

at::Tensor LayerNorm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                     double eps) {
  return at::layer_norm(x, {x.size(-1)}, weight, bias, eps);
}

at::Tensor RmsNorm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  return at::rms_norm(x, {x.size(-1)}, weight, eps);
}

at::Tensor Norm(const at::Tensor& x) {
  const bool narrow = x.scalar_type() == at::kHalf || x.scalar_type() == at::kBFloat16;
  return at::linalg_vector_norm(x, 2, at::IntArrayRef{-1}, /*keepdim=*/true,
                                narrow ? std::optional(at::kFloat) : std::nullopt);
}

at::Tensor Embedding(const at::Tensor& weight, const at::Tensor& ids) {
  return at::embedding(weight, ids);
}

at::Tensor Dropout(const at::Tensor& x, double p) { return at::dropout(x, p, /*train=*/true); }

at::Tensor DepthwiseConv2d(const at::Tensor& x, const at::Tensor& weight, at::IntArrayRef padding) {
  return at::conv2d(x, weight, /*bias=*/{}, /*stride=*/1, padding, /*dilation=*/1, x.size(1));
}

at::Tensor ScaledBmm(const at::Tensor& a, const at::Tensor& b, double alpha) {
  // With beta = 0 the first argument is never read, only its shape is.
  const at::Tensor shape = at::empty({1, 1, 1}, a.options());
  return at::baddbmm(shape, a, b, /*beta=*/0, alpha);
}

at::Tensor AddBmm(const at::Tensor& input, const at::Tensor& a, const at::Tensor& b, double beta,
                  double alpha) {
  return at::baddbmm(input, a, b, beta, alpha);
}

at::Tensor Gelu(const at::Tensor& x, bool tanh) { return at::gelu(x, GeluKind(tanh)); }

void GeluInPlace(at::Tensor& x, bool tanh) { at::gelu_(x, GeluKind(tanh)); }

at::Tensor Silu(const at::Tensor& x) { return at::silu(x); }

void SiluInPlace(at::Tensor& x) { at::silu_(x); }

at::Tensor Softplus(const at::Tensor& x) { return at::softplus(x); }

at::Tensor Mish(const at::Tensor& x) { return at::mish(x); }

at::Tensor Relu6(const at::Tensor& x) { return at::relu6(x); }

at::Tensor LeakyRelu(const at::Tensor& x) { return at::leaky_relu(x); }

at::Tensor HardSwish(const at::Tensor& x) { return at::hardswish(x); }

at::Generator CpuGenerator(uint64_t seed) { return at::make_generator<at::CPUGeneratorImpl>(seed); }

bool GradientsOn() { return at::GradMode::is_enabled(); }

void CopyWithoutGradient(at::Tensor& to, const at::Tensor& from) {
  const at::NoGradGuard guard;
  to.copy_(from);
}

}  // namespace cusp::models::ops
