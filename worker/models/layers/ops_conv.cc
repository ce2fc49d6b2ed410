#include "worker/models/layers/ops_conv.h"

#include <ATen/ops/conv1d.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/upsample_bicubic2d.h>
#include <ATen/ops/upsample_bilinear2d.h>

namespace cusp::models::ops {

at::Tensor Conv1d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                  const ConvOptions& options) {
  return at::conv1d(x, weight, bias, options.stride, options.padding, /*dilation=*/1,
                    options.groups);
}

at::Tensor Conv2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                  const ConvOptions& options) {
  return at::conv2d(x, weight, bias, options.stride, options.padding, /*dilation=*/1,
                    options.groups);
}

at::Tensor PaddedConv2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                        at::IntArrayRef padding) {
  return at::conv2d(x, weight, bias, /*stride=*/1, padding);
}

at::Tensor GroupNorm(const at::Tensor& x, int64_t groups, const at::Tensor& weight,
                     const at::Tensor& bias, double eps) {
  return at::group_norm(x, groups, weight, bias, eps);
}

at::Tensor ResizeBicubic(const at::Tensor& x, int64_t height, int64_t width) {
  return at::upsample_bicubic2d(x, {height, width}, /*align_corners=*/false);
}

at::Tensor ResizeBilinear(const at::Tensor& x, int64_t height, int64_t width) {
  return at::upsample_bilinear2d(x, {height, width}, /*align_corners=*/false);
}

}  // namespace cusp::models::ops
