#include "worker/models/layers/sliding_window.h"

#include <ATen/core/grad_mode.h>

#include <cmath>

#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/chunk_neighbours.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/sequence_mask.h"

namespace cusp::models {

at::Tensor SlidingWindow::operator()(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                     const at::Tensor& keep, double dropout) {
  const int64_t length = q.size(2);
  const int64_t filled = (reach_ - length % reach_) % reach_;
  const auto whole = [filled](const at::Tensor& x) {
    return filled > 0 ? ops::Pad(x, {0, 0, 0, filled}, 0) : x;
  };
  const at::Tensor kept = filled > 0 && keep.defined() ? ops::Pad(keep, {0, filled}, 0) : keep;
  at::Tensor scores = Scores(whole(q), whole(k), kept, filled);
  const at::Tensor weights = SoftmaxWeights(scores, dropout);
  scores.reset();
  return MergeHeads(Mix(weights, whole(v)).narrow(2, 0, length));
}

at::Tensor SlidingWindow::Scores(const at::Tensor& q, const at::Tensor& k, const at::Tensor& keep,
                                 int64_t filled) {
  const int64_t blocks = q.size(2) / reach_;
  const at::Tensor queries = q.reshape({q.size(0) * q.size(1) * blocks, reach_, q.size(3)});
  const at::Tensor scores =
      ops::AddBmm(Band(q.scalar_type(), q.device()), queries, Neighbourhoods(k).transpose(1, 2),
                  /*beta=*/1, 1 / std::sqrt(static_cast<double>(q.size(3))));
  Hide(scores.view({q.size(0), q.size(1), blocks, reach_, 3 * reach_}), keep, filled);
  return scores.view({q.size(0), q.size(1), q.size(2), 3 * reach_});
}

void SlidingWindow::Hide(const at::Tensor& scores, const at::Tensor& keep, int64_t filled) const {
  const int64_t blocks = scores.size(2);
  // A recorded fill copies the gradients of all scores on the way back. Where every row has
  // a key, what is filled gets no weight and passes no gradient on anyway.
  const at::AutoGradMode recording(ops::GradientsOn() && keep.defined());
  // The first block has no block before it and the last none after: what
  // Neighbourhoods put there instead must not be seen.
  const double masked = MaskValue(scores.scalar_type());
  scores.select(2, 0).narrow(-1, 0, reach_).fill_(masked);
  scores.select(2, blocks - 1).narrow(-1, 2 * reach_ - filled, reach_ + filled).fill_(masked);
  if (filled > 0 && blocks > 1) {
    scores.select(2, blocks - 2).narrow(-1, 3 * reach_ - filled, filled).fill_(masked);
  }
  if (keep.defined()) {
    const at::Tensor hidden = keep.logical_not()
                                  .view({scores.size(0), blocks, reach_})
                                  .index_select(1, NeighbourIndex(blocks, keep.device()).view({-1}))
                                  .view({scores.size(0), 1, blocks, 1, 3 * reach_});
    // What lies outside the band once more: a row without any key weighs that too, and
    // shall hand no gradient on to it.
    scores.masked_fill_(hidden.logical_or(band_.lt(0)), masked);
  }
}

at::Tensor SlidingWindow::Mix(const at::Tensor& weights, const at::Tensor& v) const {
  return weights.reshape({-1, reach_, 3 * reach_})
      .bmm(Neighbourhoods(v))
      .view({v.size(0), v.size(1), v.size(2), v.size(3)});
}

at::Tensor SlidingWindow::Neighbourhoods(const at::Tensor& x) const {
  return GatherChunks(x, reach_, NeighbourIndex(x.size(2) / reach_, x.device()));
}

at::Tensor SlidingWindow::NeighbourIndex(int64_t blocks, at::Device device) const {
  const at::Tensor offsets = ops::Arange(3, device).sub(1);
  return ops::Arange(blocks, device).unsqueeze(1).add(offsets).clamp(0, blocks - 1);
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
