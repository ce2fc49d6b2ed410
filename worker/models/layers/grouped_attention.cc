#include "worker/models/layers/grouped_attention.h"

#include "worker/models/layers/components.h"

namespace cusp::models {

GroupedAttention::GroupedAttention(ParameterStore& store, const std::string& prefix,
                                   const GroupedAttentionOptions& options)
    : head_size_(options.head_size),
      window_(options.window),
      query_(store, prefix + ".q_proj", options.hidden_size, options.heads * options.head_size,
             options.linear),
      key_(store, prefix + ".k_proj", options.hidden_size,
           options.key_value_heads * options.head_size, options.linear),
      value_(store, prefix + ".v_proj", options.hidden_size,
             options.key_value_heads * options.head_size, options.linear),
      output_(store, prefix + ".o_proj", options.heads * options.head_size, options.hidden_size,
              options.linear),
      core_(options.backend, options.dropout) {}

at::Tensor GroupedAttention::operator()(const at::Tensor& x, const DecoderSpan& span,
                                        KvCache* cache) {
  Enter(Component::kProjection);
  const at::Tensor q = Heads(query_(x), &span.rotary);
  at::Tensor k = Heads(key_(x), &span.rotary);
  at::Tensor v = Heads(value_(x), nullptr);
  Enter(Component::kMixing);
  if (cache != nullptr) {
    cache->Append(k, v);
    k = cache->keys();
    v = cache->values();
  }
  const at::Tensor mixed = window_.Cuts(k.size(2)) ? window_(core_, q, k, v, span.additive)
                                                   : core_(q, k, v, span.additive, span.causal);
  Enter(Component::kProjection);
  return output_(mixed);
}

at::Tensor GroupedAttention::Heads(const at::Tensor& x, const RotaryTables* rotary) const {
  const at::Tensor heads = x.view({x.size(0), x.size(1), x.size(2) / head_size_, head_size_});
  return (rotary == nullptr ? heads : Rotate(heads, *rotary)).transpose(1, 2);
}

}  // namespace cusp::models
