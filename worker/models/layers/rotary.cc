#include "worker/models/layers/rotary.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "worker/models/layers/ops.h"

namespace cusp::models {

at::Tensor Angles(const at::Tensor& positions, const std::vector<float>& frequencies) {
  at::Tensor row = ops::Empty({static_cast<int64_t>(frequencies.size())}, at::kFloat, at::kCPU);
  std::copy(frequencies.begin(), frequencies.end(), row.mutable_data_ptr<float>());
  return positions.to(at::kFloat).unsqueeze(1).mul(row.to(positions.device()));
}

Rotary::Rotary(int64_t head_size, double theta, at::ScalarType dtype, at::Device device,
               RotaryScaling scaling)
    : head_size_(head_size),
      theta_(theta),
      dtype_(dtype),
      device_(device),
      scaling_(std::move(scaling)) {}

RotaryTables Rotary::At(int64_t before, int64_t length) {
  const int64_t needed = before + length;
  if (const int64_t regime = RotaryRegime(scaling_, needed);
      !cosine_.defined() || regime != regime_) {
    regime_ = regime;
    MakeTables(before, needed, needed);
  } else if (before < begin_ || begin_ + cosine_.size(0) < needed) {
    // Decoding asks for one more each time.
    MakeTables(std::min(begin_, before), std::max(2 * before, needed), needed);
  }
  return {cosine_.narrow(0, before - begin_, length), sine_.narrow(0, before - begin_, length)};
}

void Rotary::MakeTables(int64_t begin, int64_t end, int64_t tokens) {
  // Kept beyond this pass, and a later one may record gradients.
  const c10::InferenceMode guard(false);
  const at::Tensor angles = Angles(ops::Arange(end, device_).narrow(0, begin, end - begin),
                                   RotaryFrequencies(head_size_, theta_, scaling_, tokens))
                                .unsqueeze(1);
  const at::Tensor cosine = angles.cos().mul_(scaling_.magnitude).to(dtype_);
  cosine_ = ops::Cat({cosine, cosine}, -1);
  sine_ = angles.sin().mul_(scaling_.magnitude).to(dtype_);
  begin_ = begin;
}

at::Tensor Rotate(const at::Tensor& x, const RotaryTables& tables) {
  const int64_t turning = tables.cosine.size(-1);
  if (turning < x.size(-1)) {
    return ops::Cat(
        {Rotate(x.narrow(-1, 0, turning), tables), x.narrow(-1, turning, x.size(-1) - turning)},
        -1);
  }
  const int64_t half = turning / 2;
  const at::Tensor first = x.narrow(-1, 0, half);
  const at::Tensor second = x.narrow(-1, half, half);
  at::Tensor turned = x.mul(tables.cosine);
  turned.narrow(-1, 0, half).addcmul_(second, tables.sine, -1);
  turned.narrow(-1, half, half).addcmul_(first, tables.sine, 1);
  return turned;
}

}  // namespace cusp::models
