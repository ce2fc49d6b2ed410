#include "worker/models/layers/encoder_layer.h"

#include <utility>

#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {

EncoderLayer::EncoderLayer(ParameterStore& store, const std::string& prefix,
                           const EncoderLayerOptions& options,
                           std::unique_ptr<SelfAttention> attention)
    : attention_(std::move(attention)),
      activation_(options.activation),
      dropout_(options.dropout),
      attention_output_(store, prefix + ".attention.output.dense", options.attention_size,
                        options.hidden_size, options.linear),
      attention_norm_(store, prefix + ".attention.output.LayerNorm", options.hidden_size,
                      options.layer_norm_eps),
      intermediate_(store, prefix + ".intermediate.dense", options.hidden_size,
                    options.intermediate_size, options.linear),
      output_(store, prefix + ".output.dense", options.intermediate_size, options.hidden_size,
              options.linear),
      output_norm_(store, prefix + ".output.LayerNorm", options.hidden_size,
                   options.layer_norm_eps) {}

at::Tensor EncoderLayer::operator()(const at::Tensor& x, const SequenceMask& mask) {
  return Finish(attention_->Forward(x, mask), x);
}

at::Tensor EncoderLayer::Extend(const at::Tensor& x, LayerState& state) {
  return Finish(attention_->Extend(x, state), x);
}

at::Tensor EncoderLayer::Finish(const at::Tensor& attended, const at::Tensor& x) const {
  Enter(Component::kProjection);
  const at::Tensor middle = AddAndNorm(attention_output_(attended), x, attention_norm_);
  Enter(Component::kFeedForward);
  return AddAndNorm(output_(Activate(activation_, intermediate_(middle))), middle, output_norm_);
}

at::Tensor EncoderLayer::AddAndNorm(at::Tensor x, const at::Tensor& residual,
                                    const LayerNorm& norm) const {
  if (dropout_ > 0) {
    x = ops::Dropout(x, dropout_);
  }
  Enter(Component::kNorm);
  // In place: no gradient needs the sum's first term.
  return norm(x.add_(residual));
}

}  // namespace cusp::models
