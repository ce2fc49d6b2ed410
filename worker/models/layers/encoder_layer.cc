#include "worker/models/layers/encoder_layer.h"

#include <utility>

#include "worker/models/layers/ops.h"

namespace cusp::models {

EncoderLayer::EncoderLayer(ParameterStore& store, const std::string& prefix,
                           const EncoderLayerOptions& options,
                           std::unique_ptr<SelfAttention> attention)
    : attention_(std::move(attention)),
      activation_(options.activation),
      dropout_(options.dropout),
      attention_output_(store, prefix + ".attention.output.dense", options.hidden_size,
                        options.hidden_size),
      attention_norm_(store, prefix + ".attention.output.LayerNorm", options.hidden_size,
                      options.layer_norm_eps),
      intermediate_(store, prefix + ".intermediate.dense", options.hidden_size,
                    options.intermediate_size),
      output_(store, prefix + ".output.dense", options.intermediate_size, options.hidden_size),
      output_norm_(store, prefix + ".output.LayerNorm", options.hidden_size,
                   options.layer_norm_eps) {}

at::Tensor EncoderLayer::operator()(const at::Tensor& x, const SequenceMask& mask) {
  const at::Tensor attended =
      AddAndNorm(attention_output_(attention_->Forward(x, mask)), x, attention_norm_);
  return AddAndNorm(output_(Activate(activation_, intermediate_(attended))), attended,
                    output_norm_);
}

at::Tensor EncoderLayer::AddAndNorm(at::Tensor x, const at::Tensor& residual,
                                    const LayerNorm& norm) const {
  if (dropout_ > 0) {
    x = ops::Dropout(x, dropout_);
  }
  // In place: no gradient needs the sum's first term.
  return norm(x.add_(residual));
}

}  // namespace cusp::models
