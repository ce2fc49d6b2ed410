#include "worker/models/layers/position_waves.h"

#include <c10/core/InferenceMode.h>

#include <cmath>

#include "worker/models/layers/ops.h"

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
    const at::Tensor angles = ops::Arange(count, device_)
                                  .mul_(step)
                                  .add_(first)
                                  .to(at::kFloat)
                                  .unsqueeze(1)
                                  .mul(WaveFrequencies(features_, 10000).to(device_));
    table = ops::Cat({angles.sin(), angles.cos()}, -1).to(dtype_);
  }
  return table;
}

at::Tensor WaveFrequencies(int64_t features, double base) {
  const int64_t pairs = features / 2;
  at::Tensor frequencies = ops::Empty({pairs}, at::kFloat, at::kCPU);
  for (int64_t i = 0; i < pairs; ++i) {
    // In float32, as the reference has it: at a thousand tokens the rounding shows.
    const float exponent = static_cast<float>(2 * i) / static_cast<float>(features);
    frequencies.mutable_data_ptr<float>()[i] = 1.0F / std::pow(static_cast<float>(base), exponent);
  }
  return frequencies;
}

}  // namespace cusp::models
