#include "worker/models/layers/feed_forward.h"

#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {

FeedForward::FeedForward(ParameterStore& store, const std::string& prefix,
                         const FeedForwardOptions& options)
    : activation_(options.activation),
      dropout_(options.dropout),
      up_(store, prefix + "." + options.up, options.hidden_size, options.intermediate_size,
          options.linear),
      down_(store, prefix + "." + options.down, options.intermediate_size, options.hidden_size,
            options.linear) {}

at::Tensor FeedForward::operator()(const at::Tensor& x) const {
  Enter(Component::kFeedForward);
  const at::Tensor inner = Activate(activation_, up_(x));
  return down_(dropout_ > 0 ? ops::Dropout(inner, dropout_) : inner);
}

}  // namespace cusp::models
