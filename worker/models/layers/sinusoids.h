// Fixed waves that tell a token where it stands (Vaswani et al., "Attention Is All You Need",
// 2017, section 3.5).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace cusp::models {

// sin and cos of i / 10000^(2j/d) in turn, for `count` numbers i from `first` on: [count, d].
at::Tensor SinusoidRows(int64_t first, int64_t count, int64_t features,
                        const c10::TensorOptions& options);

// The rows of positions 0, 1, …. Keeps its table and lengthens it when asked for more. Not
// thread-safe.
class Sinusoids {
 public:
  Sinusoids(int64_t features, const c10::TensorOptions& options);

  // [n, d] of n = `length` tokens that `before` others precede.
  at::Tensor At(int64_t before, int64_t length);

 private:
  int64_t features_;
  c10::TensorOptions options_;
  at::Tensor rows_;
};

}  // namespace cusp::models
