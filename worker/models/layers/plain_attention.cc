#include "worker/models/layers/plain_attention.h"

#include "worker/models/layers/components.h"
#include "worker/models/layers/kv_cache.h"

namespace cusp::models {

PlainAttention::PlainAttention(ParameterStore& store, const std::string& prefix,
                               const AttentionShape& shape, AttentionBackend backend)
    : qkv_(store, prefix, shape), core_(backend, shape.dropout) {}

at::Tensor PlainAttention::Forward(const at::Tensor& x, const SequenceMask& mask) {
  const auto [q, k, v] = qkv_.InHeads(x);
  Enter(Component::kMixing);
  return core_(q, k, v, mask.additive, mask.causal);
}

std::unique_ptr<LayerState> PlainAttention::NewState() const { return std::make_unique<KvCache>(); }

at::Tensor PlainAttention::Extend(const at::Tensor& x, LayerState& state) {
  auto& cache = static_cast<KvCache&>(state);
  const auto [q, k, v] = qkv_.InHeads(x);
  Enter(Component::kMixing);
  cache.Append(k, v);
  return core_(q, cache.keys(), cache.values(), {}, /*causal=*/true);
}

}  // namespace cusp::models
