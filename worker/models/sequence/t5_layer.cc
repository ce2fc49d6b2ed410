#include "worker/models/sequence/t5_layer.h"

#include <cmath>

#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/rms_norm.h"

namespace cusp::models {
namespace {

double InverseRoot(int64_t size) { return 1 / std::sqrt(static_cast<double>(size)); }

// A projection drawn as transformers draws T5's, times `scale`.
Linear Drawn(ParameterStore& store, const std::string& name, int64_t in, int64_t out,
             const T5Options& options, double scale = 1) {
  store.set_initializer_range(options.initializer_factor * scale * InverseRoot(in));
  return Linear(store, name, in, out, options.linear);
}

// What scores that are not scaled leave to the queries' weights.
double QueryScale(const T5Options& options) {
  return options.scale.has_value() ? InverseRoot(options.head_size) : 1;
}

}  // namespace

T5Norm MakeT5Norm(ParameterStore& store, const std::string& prefix, const T5Options& options) {
  if (options.layer_norm) {
    return LayerNorm(store, prefix, options.hidden_size, options.norm_epsilon);
  }
  return RmsNorm(store, prefix, options.hidden_size, options.norm_epsilon);
}

T5Attention::T5Attention(ParameterStore& store, const std::string& prefix, const T5Options& options)
    : heads_(options.heads),
      query_(Drawn(store, prefix + ".q", options.hidden_size, options.heads * options.head_size,
                   options, QueryScale(options))),
      key_(Drawn(store, prefix + ".k", options.hidden_size, options.heads * options.head_size,
                 options)),
      value_(Drawn(store, prefix + ".v", options.hidden_size, options.heads * options.head_size,
                   options)),
      output_(Drawn(store, prefix + ".o", options.heads * options.head_size, options.hidden_size,
                    options)),
      core_(options.backend, options.dropout, options.scale) {}

at::Tensor T5Attention::Keys(const at::Tensor& x) const {
  Enter(Component::kProjection);
  return SplitHeads(key_(x), heads_);
}

at::Tensor T5Attention::Values(const at::Tensor& x) const {
  Enter(Component::kProjection);
  return SplitHeads(value_(x), heads_);
}

at::Tensor T5Attention::operator()(const at::Tensor& x, const at::Tensor& keys,
                                   const at::Tensor& values, const at::Tensor& additive,
                                   bool causal) {
  Enter(Component::kProjection);
  const at::Tensor q = SplitHeads(query_(x), heads_);
  Enter(Component::kMixing);
  const at::Tensor mixed = core_(q, keys, values, additive, causal);
  Enter(Component::kProjection);
  return output_(mixed);
}

T5Layer::T5Layer(ParameterStore& store, const std::string& prefix, int64_t layer,
                 const T5Options& options, const MakeT5FeedForward& make_feed_forward)
    : dropout_(options.dropout),
      self_(store, prefix + ".layer.0.SelfAttention", options),
      self_norm_(MakeT5Norm(store, prefix + ".layer.0.layer_norm", options)),
      feed_forward_(make_feed_forward(store, prefix + (options.decoder ? ".layer.2" : ".layer.1"),
                                      layer, options.decoder)),
      feed_forward_norm_(MakeT5Norm(
          store, prefix + (options.decoder ? ".layer.2" : ".layer.1") + ".layer_norm", options)) {
  if (options.decoder) {
    cross_.emplace(store, prefix + ".layer.1.EncDecAttention", options);
    cross_norm_ = MakeT5Norm(store, prefix + ".layer.1.layer_norm", options);
  }
}

at::Tensor T5Layer::operator()(const at::Tensor& x, const T5Span& span, T5LayerState* state) {
  Enter(Component::kNorm);
  const at::Tensor normed = self_norm_(x);
  at::Tensor keys = self_.Keys(normed);
  at::Tensor values = self_.Values(normed);
  if (state != nullptr) {
    state->cache.Append(keys, values);
    keys = state->cache.keys();
    values = state->cache.values();
  }
  at::Tensor y = Added(self_(normed, keys, values, span.bias, span.causal), x);
  if (cross_.has_value()) {
    y = AttendToSource(y, span, state);
  }
  Enter(Component::kNorm);
  return Added(feed_forward_(feed_forward_norm_(y)), y);
}

void T5Layer::Read(const at::Tensor& source, T5LayerState& state) const {
  state.source_keys = cross_->Keys(source);
  state.source_values = cross_->Values(source);
}

at::Tensor T5Layer::AttendToSource(const at::Tensor& x, const T5Span& span,
                                   const T5LayerState* state) {
  Enter(Component::kNorm);
  const at::Tensor normed = cross_norm_(x);
  const at::Tensor keys = state != nullptr ? state->source_keys : cross_->Keys(span.source);
  const at::Tensor values = state != nullptr ? state->source_values : cross_->Values(span.source);
  return Added((*cross_)(normed, keys, values, span.source_additive), x);
}

at::Tensor T5Layer::Added(at::Tensor part, const at::Tensor& x) const {
  return (dropout_ > 0 ? ops::Dropout(part, dropout_) : part).add_(x);
}

}  // namespace cusp::models
