// Convolutions, and what goes with them on images and waveforms, like ops.h
// under narrow declarations.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace cusp::models::ops {

struct ConvOptions {
  int64_t stride = 1;
  int64_t padding = 0;  // zeros on each side
  int64_t groups = 1;
};

// x [B, C, n], weight [out, C / groups, taps]. An undefined bias is left out.
at::Tensor Conv1d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                  const ConvOptions& options = {});
// x [B, C, H, W], weight [out, C / groups, kh, kw]; the options hold for both axes.
at::Tensor Conv2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                  const ConvOptions& options = {});
// The same with zeros of its own on each axis: padding {rows, columns} on both sides.
at::Tensor PaddedConv2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                        at::IntArrayRef padding);

// x [B, C, ...] normed over each of `groups` groups of channels and all that
// follows; weight, bias [C].
at::Tensor GroupNorm(const at::Tensor& x, int64_t groups, const at::Tensor& weight,
                     const at::Tensor& bias, double eps);

// x [B, C, H, W] to [B, C, height, width], corners not aligned.
at::Tensor ResizeBicubic(const at::Tensor& x, int64_t height, int64_t width);
at::Tensor ResizeBilinear(const at::Tensor& x, int64_t height, int64_t width);

}  // namespace cusp::models::ops
