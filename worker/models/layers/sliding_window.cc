#include "worker/models/layers/sliding_window.h"

#include <cmath>

#include "worker/models/layers/ops.h"
#include "worker/models/layers/sequence_mask.h"

namespace cusp::models {

at::Tensor SlidingWindow::Scores(const at::Tensor& q, const at::Tensor& k, const at::Tensor& keep) {
  const int64_t batch = q.size(0);
  const int64_t heads = q.size(1);
  const int64_t length = q.size(2);
  const int64_t blocks = length / reach_;
  const at::Tensor queries = q.reshape({batch * heads * blocks, reach_, q.size(3)});
  at::Tensor scores =
      ops::AddBmm(Band(q.scalar_type(), q.device()), queries, Neighbourhoods(k).transpose(1, 2),
                  /*beta=*/1, 1 / std::sqrt(static_cast<double>(q.size(3))));
  at::Tensor by_block = scores.view({batch, heads, blocks, reach_, 3 * reach_});
  // The first block has no block before it and the last none after: what
  // Neighbourhoods put there instead must not be seen.
  const double masked = MaskValue(q.scalar_type());
  by_block.select(2, 0).narrow(-1, 0, reach_).fill_(masked);
  by_block.select(2, blocks - 1).narrow(-1, 2 * reach_, reach_).fill_(masked);
  if (keep.defined()) {
    const at::Tensor hidden = keep.logical_not()
                                  .view({batch, blocks, reach_})
                                  .index_select(1, NeighbourIndex(blocks, keep.device()))
                                  .view({batch, 1, blocks, 1, 3 * reach_});
    by_block.masked_fill_(hidden, masked);
  }
  return scores.view({batch, heads, length, 3 * reach_});
}

at::Tensor SlidingWindow::Mix(const at::Tensor& weights, const at::Tensor& v) const {
  return weights.reshape({-1, reach_, 3 * reach_})
      .bmm(Neighbourhoods(v))
      .view({v.size(0), v.size(1), v.size(2), v.size(3)});
}

at::Tensor SlidingWindow::Neighbourhoods(const at::Tensor& x) const {
  const int64_t blocks = x.size(2) / reach_;
  // One copy does both: gathers the neighbours, and brings heads, which lie
  // interleaved, apart.
  return x.view({x.size(0), x.size(1), blocks, reach_, x.size(3)})
      .index_select(2, NeighbourIndex(blocks, x.device()))
      .view({x.size(0) * x.size(1) * blocks, 3 * reach_, x.size(3)});
}

at::Tensor SlidingWindow::NeighbourIndex(int64_t blocks, at::Device device) const {
  const at::Tensor offsets = ops::Arange(3, device).sub(1);
  return ops::Arange(blocks, device).unsqueeze(1).add(offsets).clamp(0, blocks - 1).view({-1});
}

const at::Tensor& SlidingWindow::Band(at::ScalarType dtype, at::Device device) {
  if (!band_.defined()) {
    const at::Tensor row = ops::Arange(reach_, device).unsqueeze(1);
    const at::Tensor column = ops::Arange(3 * reach_, device);
    const at::Tensor outside = column.lt(row).logical_or(column.gt(row.add(2 * reach_)));
    band_ = ops::Full({1, reach_, 3 * reach_}, 0, dtype, device)
                .masked_fill_(outside, MaskValue(dtype));
  }
  return band_;
}

}  // namespace cusp::models
