// Causal attention to the last `window` tokens, in blocks (Beltagy, Peters and
// Cohan, "Longformer", 2020, section 3.1, the dilation-free autoregressive form).
//
// Each block of queries meets its own keys and the `window` keys before them, and a
// band takes away what lies further off: n * (window + block) scores a head, so time
// and memory are linear in n.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "worker/models/layers/attention_core.h"

namespace cusp::models {

// Stateless.
class CausalWindow {
 public:
  // A token attends to itself and the window - 1 tokens before it; 0: to all before it.
  CausalWindow(int64_t window, int64_t block) : window_(window), block_(block) {}

  int64_t window() const { return window_; }
  // Whether some of `keys` tokens lie too far back for the last of them.
  bool Cuts(int64_t keys) const { return window_ > 0 && keys > window_; }

  // What operator() takes for `queries` tokens that `before` others, fewer than the
  // window, precede: [blocks, 1, block, window + block], and B times as many with
  // `batch_size` B. `keep` [B, queries] bool or undefined says which keys take part, and
  // then none comes before.
  at::Tensor Mask(int64_t queries, int64_t before, int64_t batch_size, const at::Tensor& keep,
                  const at::TensorOptions& options) const;

  // q [B, h, m, d_h] are the last m of the tokens of k, v [B, g, before + m, d_h]; gives
  // [B, m, h * d_h], as AttentionCore does.
  at::Tensor operator()(AttentionCore& core, const at::Tensor& q, const at::Tensor& k,
                        const at::Tensor& v, const at::Tensor& mask) const;

 private:
  int64_t Blocks(int64_t queries) const { return (queries + block_ - 1) / block_; }
  // x [B, g, before + m, d] as [B * blocks, g, window + block, d].
  at::Tensor Neighbourhoods(const at::Tensor& x, int64_t queries) const;

  int64_t window_;
  int64_t block_;
};

}  // namespace cusp::models
