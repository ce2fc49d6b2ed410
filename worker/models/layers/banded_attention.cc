#include "worker/models/layers/banded_attention.h"

#include "worker/models/layers/components.h"

namespace cusp::models {

BandedAttention::BandedAttention(ParameterStore& store, const std::string& prefix,
                                 const AttentionShape& shape, int64_t window)
    : qkv_(store, prefix, shape), window_(window / 2), dropout_(shape.dropout) {}

at::Tensor BandedAttention::Forward(const at::Tensor& x, const SequenceMask& mask) {
  const auto [q, k, v] = qkv_.InHeads(x);
  Enter(Component::kMixing);
  return window_(q, k, v, mask.keep, dropout_);
}

}  // namespace cusp::models
