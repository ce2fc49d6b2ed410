#include "worker/models/layers/chunk_attention.h"

#include <cmath>

#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/chunk_neighbours.h"
#include "worker/models/layers/components.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {

ChunkAttention::ChunkAttention(ParameterStore& store, const std::string& prefix,
                               const ChunkAttentionOptions& options)
    : options_(options), qkv_(store, prefix, options.shape) {}

at::Tensor ChunkAttention::operator()(const at::Tensor& x, const SequenceMask& mask) const {
  const auto [q, k, v] = qkv_.InHeads(x);
  Enter(Component::kMixing);
  const ChunkReach reach = options_.reach.Of(x.size(1));
  const int64_t chunks = x.size(1) / reach.chunk;
  const at::Tensor ring = RingOfChunks(chunks, reach.before, reach.after, x.device());
  // What each chunk sees of a row with one entry for each token: [.., chunks, keys].
  const auto seen = [&](const at::Tensor& row) {
    return row.view({-1, chunks, reach.chunk})
        .index_select(1, ring.view({-1}))
        .view({-1, chunks, reach.keys()});
  };
  at::Tensor scores =
      ops::ScaledBmm(q.reshape({q.size(0) * q.size(1) * chunks, reach.chunk, q.size(3)}),
                     GatherChunks(k, reach.chunk, ring).transpose(1, 2),
                     1 / std::sqrt(static_cast<double>(q.size(3))));
  at::Tensor by_chunk = scores.view({q.size(0), q.size(1), chunks, reach.chunk, reach.keys()});
  const double masked = MaskValue(q.scalar_type());
  if (options_.causal) {
    const at::Tensor token = ops::Arange(x.size(1), x.device());
    by_chunk.masked_fill_(token.view({chunks, reach.chunk, 1}).lt(seen(token).transpose(0, 1)),
                          masked);
  }
  if (mask.keep.defined()) {
    const at::Tensor hidden = seen(mask.keep.logical_not());
    by_chunk.masked_fill_(hidden.view({x.size(0), 1, chunks, 1, reach.keys()}), masked);
  }
  return MergeHeads(SoftmaxWeights(scores, options_.shape.dropout)
                        .bmm(GatherChunks(v, reach.chunk, ring))
                        .view(q.sizes()));
}

}  // namespace cusp::models
