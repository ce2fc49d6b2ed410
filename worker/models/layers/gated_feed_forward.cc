#include "worker/models/layers/gated_feed_forward.h"

#include <vector>

#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

Linear MakeGate(ParameterStore& store, const std::string& prefix,
                const GatedFeedForwardOptions& options) {
  const bool both = !options.gate_and_up.empty();
  return Linear(store, prefix + "." + (both ? options.gate_and_up : options.gate),
                options.hidden_size, (both ? 2 : 1) * options.intermediate_size, options.linear);
}

std::optional<Linear> MakeUp(ParameterStore& store, const std::string& prefix,
                             const GatedFeedForwardOptions& options) {
  if (!options.gate_and_up.empty()) {
    return std::nullopt;
  }
  return Linear(store, prefix + "." + options.up, options.hidden_size, options.intermediate_size,
                options.linear);
}

}  // namespace

GatedFeedForward::GatedFeedForward(ParameterStore& store, const std::string& prefix,
                                   const GatedFeedForwardOptions& options)
    : activation_(options.activation),
      dropout_(options.dropout),
      gate_(MakeGate(store, prefix, options)),
      up_(MakeUp(store, prefix, options)),
      down_(store, prefix + "." + options.down, options.intermediate_size, options.hidden_size,
            options.linear) {}

at::Tensor GatedFeedForward::operator()(const at::Tensor& x) const {
  Enter(Component::kFeedForward);
  at::Tensor gate = gate_(x);
  at::Tensor up;
  if (!up_.has_value()) {
    // Nobody reads them as one again, so the activation may overwrite its half.
    const std::vector<at::Tensor> halves = gate.unsafe_chunk(2, -1);
    gate = halves[0];
    up = halves[1];
  }
  gate = Activate(activation_, gate);
  if (up_.has_value()) {
    up = (*up_)(x);
  }
  gate = ops::GradientsOn() ? gate.mul(up) : gate.mul_(up);
  return down_(dropout_ > 0 ? ops::Dropout(gate, dropout_) : gate);
}

}  // namespace cusp::models
