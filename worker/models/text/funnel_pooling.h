// How Funnel shortens a sequence, and lengthens it again (Dai et al., "Funnel-Transformer",
// 2020, section 2.2).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace cusp::models {

struct FunnelPoolingOptions {
  bool mean = true;          // else the maximum
  bool separate_cls = true;  // the first token is kept by itself
  bool truncate = true;      // … and the last one then left out
};

// A sequence after some poolings. Tokens lie at the positions first, first + step, …
struct FunnelStage {
  int64_t length = 0;
  int64_t first = 0;
  int64_t step = 1;
  at::Tensor keep = {};   // [B, length] bool, or undefined: all are real
  at::Tensor types = {};  // [B, length] int64, or undefined: all alike
};

// Whether there are two tokens to pool.
bool CanPool(int64_t length, const FunnelPoolingOptions& options);

// Each two tokens of x [B, n, d] become one; a last one without another stays.
at::Tensor PoolTokens(const at::Tensor& x, const FunnelPoolingOptions& options);

// The stage after one pooling: a token is real where both were, and of the first one's type.
FunnelStage PoolStage(const FunnelStage& stage, const FunnelPoolingOptions& options);

// Each token of x [B, m, d] `times` times, to make [B, length, d]; zeros where pooling left
// tokens out.
at::Tensor Upsample(const at::Tensor& x, int64_t times, int64_t length,
                    const FunnelPoolingOptions& options);

}  // namespace cusp::models
