#include "worker/models/layers/banded_attention.h"

#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {

BandedAttention::BandedAttention(ParameterStore& store, const std::string& prefix,
                                 const AttentionShape& shape, int64_t window)
    : qkv_(store, prefix, shape), window_(window / 2), dropout_(shape.dropout) {}

at::Tensor BandedAttention::Forward(const at::Tensor& x, const SequenceMask& mask) {
  const auto [q, k, v] = qkv_.InHeads(x);
  Enter(Component::kMixing);
  at::Tensor weights = window_.Scores(q, k, mask.keep).softmax(-1);
  if (dropout_ > 0) {
    weights = ops::Dropout(weights, dropout_);
  }
  return MergeHeads(window_.Mix(weights, v));
}

}  // namespace cusp::models
