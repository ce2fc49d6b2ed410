#include "worker/models/layers/windows.h"

#include <cmath>

#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

// Of `size` places, 0 before the last window, 1 in it, 2 in what the roll brought there.
at::Tensor Regions(int64_t size, const WindowCut& cut, at::Device device) {
  const at::Tensor place = ops::Arange(size, device);
  return place.ge(size - cut.window).to(at::kLong).add(place.ge(size - cut.shift));
}

// x [B, H, W, d], both sides in whole windows, to [B * windows, area, d].
at::Tensor Partition(const at::Tensor& x, int64_t window) {
  return x.view({x.size(0), x.size(1) / window, window, x.size(2) / window, window, x.size(3)})
      .transpose(2, 3)
      .reshape({-1, window * window, x.size(3)});
}

at::Tensor Roll(const at::Tensor& x, int64_t by) { return by == 0 ? x : x.roll({by, by}, {1, 2}); }

}  // namespace

at::Tensor ToWindows(const at::Tensor& x, const WindowCut& cut) {
  at::Tensor map = x.view({x.size(0), cut.height, cut.width, x.size(2)});
  const int64_t below = cut.padded_height() - cut.height;
  const int64_t right = cut.padded_width() - cut.width;
  if (below + right > 0) {
    map = ops::Pad(map, {0, 0, 0, right, 0, below}, 0);
  }
  return Partition(Roll(map, -cut.shift), cut.window);
}

at::Tensor FromWindows(const at::Tensor& windows, const WindowCut& cut) {
  const int64_t rows = cut.padded_height() / cut.window;
  const int64_t columns = cut.padded_width() / cut.window;
  const int64_t size = windows.size(2);
  at::Tensor map = windows.view({-1, rows, columns, cut.window, cut.window, size})
                       .transpose(2, 3)
                       .reshape({-1, cut.padded_height(), cut.padded_width(), size});
  map = Roll(map, cut.shift).narrow(1, 0, cut.height).narrow(2, 0, cut.width);
  return map.reshape({map.size(0), cut.height * cut.width, size});
}

at::Tensor ShiftMask(const WindowCut& cut, at::ScalarType dtype, at::Device device) {
  if (cut.shift == 0) {
    return {};
  }
  const at::Tensor rows = Regions(cut.padded_height(), cut, device).unsqueeze(1);
  const at::Tensor columns = Regions(cut.padded_width(), cut, device).unsqueeze(0);
  const at::Tensor map = rows.mul(3).add(columns);
  const at::Tensor region = Partition(map.view({1, map.size(0), map.size(1), 1}), cut.window);
  const at::Tensor apart = region.ne(region.transpose(1, 2));
  return ops::Full(apart.sizes(), 0, dtype, device).masked_fill_(apart, -100);
}

at::Tensor OffsetIndex(int64_t window, int64_t table, at::Device device) {
  const at::Tensor place = ops::Arange(window, device);
  // [window, window]: offsets along one axis, from 0.
  const at::Tensor along = place.unsqueeze(1).sub(place.unsqueeze(0)).add(table - 1);
  const at::Tensor rows = along.view({window, 1, window, 1}).mul(2 * table - 1);
  return rows.add(along.view({1, window, 1, window})).reshape({-1});
}

at::Tensor LogOffsets(int64_t window, int64_t scale, at::ScalarType dtype, at::Device device) {
  const int64_t count = 2 * window - 1;
  const double widest = scale > 1 ? static_cast<double>(scale - 1) : 1;
  const at::Tensor offset = ops::Arange(count, device).to(at::kFloat).sub(window - 1);
  const at::Tensor fraction = offset.div(widest).mul(8);
  const at::Tensor scaled = fraction.sign().mul(fraction.abs().add(1).log2()).div(std::log2(8.0));
  const at::Tensor rows = scaled.unsqueeze(1).expand({count, count}).reshape({-1, 1});
  const at::Tensor columns = scaled.unsqueeze(0).expand({count, count}).reshape({-1, 1});
  return ops::Cat({rows, columns}, 1).to(dtype);
}

at::Tensor MergePatches(const at::Tensor& x, int64_t height, int64_t width) {
  at::Tensor map = x.view({x.size(0), height, width, x.size(2)});
  if (height % 2 + width % 2 > 0) {
    map = ops::Pad(map, {0, 0, 0, width % 2, 0, height % 2}, 0);
  }
  const int64_t rows = map.size(1) / 2;
  const int64_t columns = map.size(2) / 2;
  // The features of the four follow one another column by column.
  return map.view({x.size(0), rows, 2, columns, 2, x.size(2)})
      .permute({0, 1, 3, 4, 2, 5})
      .reshape({x.size(0), rows * columns, 4 * x.size(2)});
}

}  // namespace cusp::models
