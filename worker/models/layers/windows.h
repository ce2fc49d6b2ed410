// Feature maps cut into windows, shifted and put together again (Liu et al., "Swin
// Transformer", 2021, section 3.2).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace cusp::models {

// How a map of height x width patches is cut: zeros fill up the last windows, and the
// map is rolled by `shift` first.
struct WindowCut {
  int64_t height = 0;
  int64_t width = 0;
  int64_t window = 1;
  int64_t shift = 0;

  int64_t padded_height() const { return (height + window - 1) / window * window; }
  int64_t padded_width() const { return (width + window - 1) / window * window; }
  int64_t windows() const { return padded_height() / window * (padded_width() / window); }
  int64_t area() const { return window * window; }
};

// x [B, height * width, d] to [B * windows, area, d].
at::Tensor ToWindows(const at::Tensor& x, const WindowCut& cut);
// The reverse, without what was filled up.
at::Tensor FromWindows(const at::Tensor& windows, const WindowCut& cut);

// [windows, area, area]: -100 between patches that only the roll made neighbours, else
// 0. Undefined without a shift.
at::Tensor ShiftMask(const WindowCut& cut, at::ScalarType dtype, at::Device device);

// Which of the (2 * table - 1)^2 offsets lies between each two patches of a window, [area
// * area]. `table` is the window that the offsets were made for, at least `window`.
at::Tensor OffsetIndex(int64_t window, int64_t table, at::Device device);

// [(2 * window - 1)^2, 2]: the offsets on a logarithmic scale, as fractions of `scale`
// patches (Liu et al., "Swin Transformer V2", 2022, section 3.3).
at::Tensor LogOffsets(int64_t window, int64_t scale, at::ScalarType dtype, at::Device device);

// x [B, height * width, d] to [B, half * half, 4 d]: each two by two patches become one,
// zeros filling up odd sides.
at::Tensor MergePatches(const at::Tensor& x, int64_t height, int64_t width);

}  // namespace cusp::models
