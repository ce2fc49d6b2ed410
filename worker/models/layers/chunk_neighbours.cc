#include "worker/models/layers/chunk_neighbours.h"

#include "worker/models/layers/ops.h"

namespace cusp::models {

at::Tensor RingOfChunks(int64_t chunks, int64_t before, int64_t after, at::Device device) {
  at::Tensor offsets = ops::Arange(before + 1 + after, device).sub_(before);
  offsets.masked_fill_(offsets.abs().gt(chunks), 0);
  return ops::Arange(chunks, device).unsqueeze(1).add(offsets).remainder_(chunks);
}

at::Tensor GatherChunks(const at::Tensor& x, int64_t chunk, const at::Tensor& index) {
  const int64_t chunks = index.size(0);
  // One copy does both: gathers the neighbours, and brings heads, which lie interleaved,
  // apart.
  return x.view({x.size(0), x.size(1), chunks, chunk, x.size(3)})
      .index_select(2, index.view({-1}))
      .view({x.size(0) * x.size(1) * chunks, index.size(1) * chunk, x.size(3)});
}

}  // namespace cusp::models
