// The ATen functions that are not methods of at::Tensor, under narrow
// declarations: the headers that declare them cost 10 s per source file, this
// one 3. Each is differentiable where the function behind it is.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <utility>

namespace cusp::models::ops {

at::Tensor Empty(at::IntArrayRef sizes, at::ScalarType dtype, at::Device device);
at::Tensor Full(at::IntArrayRef sizes, double value, at::ScalarType dtype, at::Device device);
// 0, 1, … end - 1 as int64.
at::Tensor Arange(int64_t end, at::Device device);
at::Tensor Eye(int64_t n, at::ScalarType dtype, at::Device device);

at::Tensor Cat(at::TensorList tensors, int64_t dim);
// `pad` holds (before, after) pairs from the last dimension backwards.
at::Tensor Pad(const at::Tensor& x, at::IntArrayRef pad, double value);
at::Tensor Where(const at::Tensor& condition, const at::Tensor& x, const at::Tensor& y);

// x @ weight^T + bias. An undefined bias is left out.
at::Tensor Linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);
// Over the last dimension.
at::Tensor LayerNorm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                     double eps);
// weight * x / sqrt(mean(x^2) + eps) over the last dimension.
at::Tensor RmsNorm(const at::Tensor& x, const at::Tensor& weight, double eps);
// Euclidean norm over the last dimension, which is kept; in float32 at least.
at::Tensor Norm(const at::Tensor& x);
at::Tensor Embedding(const at::Tensor& weight, const at::Tensor& ids);
at::Tensor Dropout(const at::Tensor& x, double p);
// x [B, C, H, W] with one filter per channel, weight [C, 1, kh, kw], zero padding.
at::Tensor DepthwiseConv2d(const at::Tensor& x, const at::Tensor& weight, at::IntArrayRef padding);
// alpha * a @ b for [N, n, k] and [N, k, m], without a pass of its own for alpha.
at::Tensor ScaledBmm(const at::Tensor& a, const at::Tensor& b, double alpha);
// beta * input + alpha * a @ b; `input` broadcasts.
at::Tensor AddBmm(const at::Tensor& input, const at::Tensor& a, const at::Tensor& b, double beta,
                  double alpha);

at::Tensor Gelu(const at::Tensor& x, bool tanh);
// Overwrites x. Not for a tensor that takes part in a gradient.
void GeluInPlace(at::Tensor& x, bool tanh);
at::Tensor Silu(const at::Tensor& x);
void SiluInPlace(at::Tensor& x);
at::Tensor Softplus(const at::Tensor& x);
at::Tensor Mish(const at::Tensor& x);
at::Tensor Relu6(const at::Tensor& x);
at::Tensor LeakyRelu(const at::Tensor& x);
at::Tensor HardSwish(const at::Tensor& x);
at::Tensor Elu(const at::Tensor& x);
at::Tensor LogSigmoid(const at::Tensor& x);
// x = Q R with orthonormal columns in Q and R upper triangular.
std::pair<at::Tensor, at::Tensor> Qr(const at::Tensor& x);

// A generator of its own, so that drawing weights does not touch global state.
at::Generator CpuGenerator(uint64_t seed);
// Whether gradients are being recorded in this thread.
bool GradientsOn();
// Copies into a parameter without recording it.
void CopyWithoutGradient(at::Tensor& to, const at::Tensor& from);

}  // namespace cusp::models::ops
