// The selective state space of Mamba-2 (Dao and Gu, "Transformers are SSMs", 2024):
// S_t = exp(dt_t a) S_(t-1) + dt_t b_t x_t^T, y_t = S_t^T c_t, for each head.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace cusp::models {

// In float32 or wider. Each group of b and c serves H / g heads.
struct StateSpaceInputs {
  at::Tensor x;   // [B, n, H, P]
  at::Tensor dt;  // [B, n, H], not negative
  at::Tensor a;   // [H], negative
  at::Tensor b;   // [B, n, g, N]
  at::Tensor c;   // [B, n, g, N]
};

// y [B, n, H, P], by chunks of at most `chunk` tokens (section 6, "SSD"): products
// inside a chunk, and one state handed on from chunk to chunk. Memory and time are
// linear in n. `state` [B, g, N, (H / g) * P] is what came before and becomes what comes
// after; undefined: zeros; nullptr: zeros, and not wanted.
at::Tensor ScanByChunks(const StateSpaceInputs& inputs, int64_t chunk, at::Tensor* state);

// The same for n = 1, by the recurrence itself. `state` is defined and overwritten.
at::Tensor ScanStep(const StateSpaceInputs& inputs, at::Tensor& state);

}  // namespace cusp::models
