#include "worker/models/layers/causal_window.h"

#include "worker/models/layers/ops.h"
#include "worker/models/layers/sequence_mask.h"

namespace cusp::models {

at::Tensor CausalWindow::Mask(int64_t queries, int64_t before, int64_t batch_size,
                              const at::Tensor& keep, const at::TensorOptions& options) const {
  const int64_t blocks = Blocks(queries);
  const int64_t width = window_ + block_;
  // Key s of a block stands `window` tokens before query s of it.
  const at::Tensor row = ops::Arange(block_, options.device()).unsqueeze(1);
  const at::Tensor column = ops::Arange(width, options.device());
  const at::Tensor band = column.gt(row).logical_and_(column.le(row.add(window_)));
  const at::Tensor first = ops::Arange(blocks, options.device()).mul(block_).view({-1, 1, 1, 1});
  // Those that Neighbourhoods put before the first token are none.
  at::Tensor seen =
      column.add(first).ge(window_ - before).logical_and(band).view({1, blocks, block_, width});
  if (keep.defined()) {
    const at::Tensor padded =
        ops::Pad(keep, {window_, blocks * block_ - queries}, 0).unfold(1, width, block_);
    seen = seen.logical_and(padded.unsqueeze(2));
  } else {
    seen = seen.expand({batch_size, blocks, block_, width});
  }
  const auto dtype = c10::typeMetaToScalarType(options.dtype());
  return ops::Full({batch_size * blocks, 1, block_, width}, 0, dtype, options.device())
      .masked_fill_(seen.logical_not().reshape({batch_size * blocks, 1, block_, width}),
                    MaskValue(dtype));
}

at::Tensor CausalWindow::operator()(AttentionCore& core, const at::Tensor& q, const at::Tensor& k,
                                    const at::Tensor& v, const at::Tensor& mask) const {
  const int64_t batch = q.size(0);
  const int64_t heads = q.size(1);
  const int64_t queries = q.size(2);
  const int64_t blocks = Blocks(queries);
  const int64_t padding = blocks * block_ - queries;
  const at::Tensor padded = padding > 0 ? ops::Pad(q, {0, 0, 0, padding}, 0) : q;
  const at::Tensor by_block = padded.reshape({batch, heads, blocks, block_, q.size(3)})
                                  .transpose(1, 2)
                                  .reshape({batch * blocks, heads, block_, q.size(3)});
  const at::Tensor mixed =
      core(by_block, Neighbourhoods(k, queries), Neighbourhoods(v, queries), mask);
  return mixed.view({batch, blocks * block_, mixed.size(2)}).narrow(1, 0, queries);
}

at::Tensor CausalWindow::Neighbourhoods(const at::Tensor& x, int64_t queries) const {
  const int64_t blocks = Blocks(queries);
  const int64_t before = x.size(2) - queries;
  const int64_t width = window_ + block_;
  return ops::Pad(x, {0, 0, window_ - before, blocks * block_ - queries}, 0)
      .unfold(2, width, block_)
      .permute({0, 2, 1, 4, 3})
      .reshape({x.size(0) * blocks, x.size(1), width, x.size(3)});
}

}  // namespace cusp::models
