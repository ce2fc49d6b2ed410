#include "worker/models/layers/causal_convolution.h"

#include <cmath>

#include "worker/models/layers/ops.h"

namespace cusp::models {

CausalConvolution::CausalConvolution(ParameterStore& store, const std::string& prefix,
                                     const CausalConvolutionOptions& options)
    : taps_(options.taps) {
  const double bound = 1 / std::sqrt(static_cast<double>(options.taps));
  at::Tensor weight = ops::Empty({options.channels, 1, options.taps}, at::kFloat, at::kCPU);
  weight_ = store.Of(prefix + ".weight", weight.uniform_(-bound, bound, store.generator()));
  if (options.bias) {
    bias_ = store.Constant(prefix + ".bias", {options.channels}, 0);
  }
}

at::Tensor CausalConvolution::operator()(const at::Tensor& x, at::Tensor* before) const {
  const int64_t length = x.size(1);
  const bool continues = before != nullptr && before->defined();
  const at::Tensor padded =
      continues ? ops::Cat({*before, x}, 1) : ops::Pad(x, {0, 0, taps_ - 1, 0}, 0);
  if (before != nullptr) {
    *before = padded.narrow(1, length, taps_ - 1).clone();
  }
  // One multiply-add for each tap, features side by side: a convolution would want them
  // transposed, there and back.
  const at::Tensor taps = weight_.view({weight_.size(0), taps_});
  at::Tensor y = padded.narrow(1, 0, length).mul(taps.select(1, 0));
  for (int64_t k = 1; k < taps_; ++k) {
    y.addcmul_(padded.narrow(1, k, length), taps.select(1, k), 1);
  }
  return bias_.defined() ? y.add_(bias_) : y;
}

}  // namespace cusp::models
