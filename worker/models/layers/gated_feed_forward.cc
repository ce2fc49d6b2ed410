#include "worker/models/layers/gated_feed_forward.h"

#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {

GatedFeedForward::GatedFeedForward(ParameterStore& store, const std::string& prefix,
                                   const GatedFeedForwardOptions& options)
    : activation_(options.activation),
      dropout_(options.dropout),
      gate_(store, prefix + "." + options.gate, options.hidden_size, options.intermediate_size,
            options.linear),
      up_(store, prefix + "." + options.up, options.hidden_size, options.intermediate_size,
          options.linear),
      down_(store, prefix + "." + options.down, options.intermediate_size, options.hidden_size,
            options.linear) {}

at::Tensor GatedFeedForward::operator()(const at::Tensor& x) const {
  Enter(Component::kFeedForward);
  at::Tensor gate = Activate(activation_, gate_(x));
  gate = ops::GradientsOn() ? gate.mul(up_(x)) : gate.mul_(up_(x));
  return down_(dropout_ > 0 ? ops::Dropout(gate, dropout_) : gate);
}

}  // namespace cusp::models
