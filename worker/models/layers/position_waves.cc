#include "worker/models/layers/position_waves.h"

#include <c10/core/InferenceMode.h>

#include "worker/models/layers/ops.h"
#include "worker/models/layers/rotary.h"
#include "worker/models/layers/rotary_frequencies.h"

namespace cusp::models {

PositionWaves::PositionWaves(int64_t features, at::ScalarType dtype, at::Device device)
    : features_(features), dtype_(dtype), device_(device) {}

void PositionWaves::SetLength(int64_t length) {
  if (length != length_) {
    tables_.clear();
    length_ = length;
  }
}

const at::Tensor& PositionWaves::At(int64_t first, int64_t step, int64_t count) {
  at::Tensor& table = tables_[{first, step, count}];
  if (!table.defined()) {
    // Kept beyond this pass, and a later one may record gradients.
    const c10::InferenceMode guard(false);
    const at::Tensor angles = Angles(ops::Arange(count, device_).mul_(step).add_(first),
                                     RotaryFrequencies(features_, 10000, {}, count));
    table = ops::Cat({angles.sin(), angles.cos()}, -1).to(dtype_);
  }
  return table;
}

}  // namespace cusp::models
