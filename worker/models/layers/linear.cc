#include "worker/models/layers/linear.h"

#include "worker/models/layers/ops.h"

namespace cusp::models {

Linear::Linear(ParameterStore& store, const std::string& prefix, int64_t in, int64_t out,
               const LinearOptions& options) {
  const bool low_rank = options.rank > 0;
  const std::string last = low_rank ? prefix + ".up" : prefix;
  if (low_rank) {
    down_ = store.Normal(prefix + ".down.weight", {options.rank, in});
  }
  weight_ = store.Normal(last + ".weight", {out, low_rank ? options.rank : in});
  if (options.bias) {
    bias_ = store.Constant(last + ".bias", {out}, 0);
  }
}

at::Tensor Linear::operator()(const at::Tensor& x) const {
  return ops::Linear(down_.defined() ? ops::Linear(x, down_, {}) : x, weight_, bias_);
}

LayerNorm::LayerNorm(ParameterStore& store, const std::string& prefix, int64_t size, double eps)
    : weight_(store.Constant(prefix + ".weight", {size}, 1)),
      bias_(store.Constant(prefix + ".bias", {size}, 0)),
      eps_(eps) {}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
  return ops::LayerNorm(x, weight_, bias_, eps_);
}

}  // namespace cusp::models
