#include "worker/models/layers/rms_norm.h"

#include "worker/models/layers/ops.h"

namespace cusp::models {

RmsNorm::RmsNorm(ParameterStore& store, const std::string& prefix, int64_t size, double eps)
    : weight_(store.Constant(prefix + ".weight", {size}, 1)), eps_(eps) {}

at::Tensor RmsNorm::operator()(const at::Tensor& x) const {
  if (x.is_cuda()) {
    return ops::RmsNorm(x, weight_, eps_);
  }
  // LibTorch has no kernel of it for the CPU; the norm reads x once, where a mean of
  // squares would write them out first.
  const double root_mean = 1 / static_cast<double>(x.size(-1));
  const at::Tensor scale = ops::Norm(x).square().mul_(root_mean).add_(eps_).rsqrt_();
  at::Tensor y = x.mul(scale);
  if (y.scalar_type() != x.scalar_type()) {
    y = y.to(x.scalar_type());
  }
  // No gradient is lost where none is recorded.
  return ops::GradientsOn() ? y.mul(weight_) : y.mul_(weight_);
}

}  // namespace cusp::models
