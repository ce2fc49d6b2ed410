// The causal linear recurrence behind linear attention, retention and gated linear attention:
//   S_t = diag(a_t) S_{t-1} + k_t^T v_t,   o_t = q_t S_t
// with a_t absent, one number per head, or one per key feature.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "worker/models/layers/self_attention.h"

namespace cusp::models {

struct RecurrenceTerms {
  at::Tensor q;  // [B, h, n, d_k]
  at::Tensor k;  // [B, h, n, d_k]
  at::Tensor v;  // [B, h, n, d_v]
  // ln a_t <= 0, [B or 1, h, n or 1, d_k or 1]; undefined: no decay.
  at::Tensor log_decay;
};

// S [B, h, d_k, d_v] and the tokens seen. Undefined before the first.
struct RecurrentState : LayerState {
  at::Tensor sums;
  int64_t length = 0;
};

// All o_t [B, h, n, d_v] from S_0 = 0, in chunks of at most `chunk` tokens: products
// within a chunk, and one state handed on from chunk to chunk (Sun et al., "Retentive
// Network", 2023, eq. 7; Yang et al., "Gated Linear Attention Transformers with
// Hardware-Efficient Training", 2024, section 4). Time and memory are linear in n, and the
// result does not depend on `chunk` but for rounding.
//
// Within a chunk decay is taken from and to its middle, so exponents stay below half a
// chunk's decay. To keep them finite, a single step's ln a counts as no less than
// -160 / chunk in float32 and bfloat16, -18 / chunk in float16 and -600 / chunk in float64.
at::Tensor LinearRecurrence(const RecurrenceTerms& terms, int64_t chunk);

// The same for tokens that follow those in `state`, which then has seen them too. A
// single token takes one step of the recurrence itself.
at::Tensor ExtendRecurrence(const RecurrenceTerms& terms, int64_t chunk, RecurrentState& state);

}  // namespace cusp::models
