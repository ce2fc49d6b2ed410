#include "worker/models/layers/encoder_layer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

std::string Name(const std::string& prefix, const std::string& rest) {
  return absl::StrCat(prefix, ".", rest);
}

std::optional<Linear> MakeAttentionOutput(ParameterStore& store, const std::string& prefix,
                                          const EncoderLayerOptions& options) {
  if (options.names.attention_output.empty()) {
    return std::nullopt;
  }
  return Linear(store, Name(prefix, options.names.attention_output), options.attention_size,
                options.hidden_size, options.linear);
}

}  // namespace

EncoderLayer::EncoderLayer(ParameterStore& store, const std::string& prefix,
                           const EncoderLayerOptions& options,
                           std::unique_ptr<SelfAttention> attention)
    : attention_(std::move(attention)),
      activation_(options.activation),
      dropout_(options.dropout),
      attention_output_(MakeAttentionOutput(store, prefix, options)),
      attention_norm_(store, Name(prefix, options.names.attention_norm), options.hidden_size,
                      options.layer_norm_eps),
      intermediate_(store, Name(prefix, options.names.intermediate), options.hidden_size,
                    options.intermediate_size, options.linear),
      output_(store, Name(prefix, options.names.output), options.intermediate_size,
              options.hidden_size, options.linear),
      output_norm_(store, Name(prefix, options.names.output_norm), options.hidden_size,
                   options.layer_norm_eps) {}

at::Tensor EncoderLayer::operator()(const at::Tensor& x, const SequenceMask& mask) {
  return Finish(attention_->Forward(x, mask), x);
}

at::Tensor EncoderLayer::Extend(const at::Tensor& x, LayerState& state) {
  return Finish(attention_->Extend(x, state), x);
}

at::Tensor EncoderLayer::Finish(const at::Tensor& attended, const at::Tensor& x) const {
  at::Tensor projected = attended;
  if (attention_output_.has_value()) {
    Enter(Component::kProjection);
    projected = (*attention_output_)(attended);
  }
  const at::Tensor middle = AddAndNorm(std::move(projected), x, attention_norm_);
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
