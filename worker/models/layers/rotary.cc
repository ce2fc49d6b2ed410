#include "worker/models/layers/rotary.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>

#include "worker/models/layers/ops.h"

namespace cusp::models {

Rotary::Rotary(int64_t head_size, double theta, at::ScalarType dtype, at::Device device)
    : head_size_(head_size), theta_(theta), dtype_(dtype), device_(device) {}

RotaryTables Rotary::At(int64_t before, int64_t length) {
  const int64_t needed = before + length;
  if (!cosine_.defined() || cosine_.size(0) < needed) {
    // Decoding asks for one more each time.
    MakeTables(before == 0 ? needed : std::max<int64_t>(2 * before, needed));
  }
  return {cosine_.narrow(0, before, length), sine_.narrow(0, before, length)};
}

void Rotary::MakeTables(int64_t length) {
  // Kept beyond this pass, and a later one may record gradients.
  const c10::InferenceMode guard(false);
  const int64_t pairs = head_size_ / 2;
  at::Tensor frequencies = ops::Empty({pairs}, at::kFloat, at::kCPU);
  for (int64_t i = 0; i < pairs; ++i) {
    // In float32, as the reference has it: at a thousand tokens the rounding shows.
    const float exponent = static_cast<float>(2 * i) / static_cast<float>(head_size_);
    frequencies.mutable_data_ptr<float>()[i] =
        1.0F / std::pow(static_cast<float>(theta_), exponent);
  }
  const at::Tensor angles =
      ops::Arange(length, device_).to(at::kFloat).view({length, 1, 1}).mul(frequencies.to(device_));
  const at::Tensor cosine = angles.cos().to(dtype_);
  cosine_ = ops::Cat({cosine, cosine}, -1);
  sine_ = angles.sin().to(dtype_);
}

at::Tensor Rotate(const at::Tensor& x, const RotaryTables& tables) {
  const int64_t half = x.size(-1) / 2;
  const at::Tensor first = x.narrow(-1, 0, half);
  const at::Tensor second = x.narrow(-1, half, half);
  at::Tensor turned = x.mul(tables.cosine);
  turned.narrow(-1, 0, half).addcmul_(second, tables.sine, -1);
  turned.narrow(-1, half, half).addcmul_(first, tables.sine, 1);
  return turned;
}

}  // namespace cusp::models
