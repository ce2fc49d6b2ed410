#include "worker/models/layers/sinusoids.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>

#include "worker/models/layers/ops.h"

namespace cusp::models {

at::Tensor SinusoidRows(int64_t first, int64_t count, int64_t features,
                        const c10::TensorOptions& options) {
  const at::Tensor feature = ops::Arange(features, at::kCPU);
  const at::Tensor exponent = feature.floor_divide(2)
                                  .to(at::kDouble)
                                  .mul(-2 * std::log(10000.0) / static_cast<double>(features));
  const at::Tensor phase =
      ops::Arange(count, at::kCPU).add(first).to(at::kDouble).unsqueeze(1).mul(exponent.exp());
  return ops::Where(feature.remainder(2).eq(0), phase.sin(), phase.cos()).to(options);
}

Sinusoids::Sinusoids(int64_t features, const c10::TensorOptions& options)
    : features_(features), options_(options) {}

at::Tensor Sinusoids::At(int64_t before, int64_t length) {
  const int64_t needed = before + length;
  if (!rows_.defined() || rows_.size(0) < needed) {
    // Kept beyond this pass, and a later one may record gradients.
    const c10::InferenceMode guard(false);
    // Decoding asks for one more each time.
    rows_ = SinusoidRows(0, std::max(2 * before, needed), features_, options_);
  }
  return rows_.narrow(0, before, length);
}

}  // namespace cusp::models
