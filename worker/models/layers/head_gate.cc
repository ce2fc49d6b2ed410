#include "worker/models/layers/head_gate.h"

#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {

HeadGate::HeadGate(ParameterStore& store, const std::string& prefix, const AttentionShape& shape,
                   double layer_norm_eps)
    : gate_(store, prefix + ".gate", shape.hidden_size, shape.inner_size(), shape.linear),
      eps_(layer_norm_eps * static_cast<double>(shape.head_size)) {}

at::Tensor HeadGate::operator()(const at::Tensor& o, const at::Tensor& x) const {
  Enter(Component::kNorm);
  // norm(o / s) with eps is norm(o) with s^2 eps: no pass for the scale.
  const at::Tensor normed = MergeHeads(ops::LayerNorm(o, {}, {}, eps_));
  Enter(Component::kProjection);
  return ops::Silu(gate_(x)).mul(normed);
}

}  // namespace cusp::models
