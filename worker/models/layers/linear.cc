#include "worker/models/layers/linear.h"

#include "worker/models/layers/ops.h"

namespace cusp::models {

Linear::Linear(ParameterStore& store, const std::string& prefix, int64_t in, int64_t out)
    : weight_(store.Normal(prefix + ".weight", {out, in})),
      bias_(store.Constant(prefix + ".bias", {out}, 0)) {}

at::Tensor Linear::operator()(const at::Tensor& x) const { return ops::Linear(x, weight_, bias_); }

LayerNorm::LayerNorm(ParameterStore& store, const std::string& prefix, int64_t size, double eps)
    : weight_(store.Constant(prefix + ".weight", {size}, 1)),
      bias_(store.Constant(prefix + ".bias", {size}, 0)),
      eps_(eps) {}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
  return ops::LayerNorm(x, weight_, bias_, eps_);
}

}  // namespace cusp::models
