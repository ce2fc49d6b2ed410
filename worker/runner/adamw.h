// The optimizer of training steps.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace cusp::runner {

// AdamW (Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR
// 2019, algorithm 2) by LibTorch's fused kernel, one call for all parameters.
// The rate is tiny, so that thousands of timed steps leave the weights, and with
// them the numbers' ranges, as they were; its value does not change the cost.
// Not thread-safe.
class AdamW {
 public:
  explicit AdamW(std::vector<at::Tensor> parameters);

  // Updates every parameter that has a gradient, and drops the gradients. State
  // is made at a parameter's first gradient. May throw c10::Error.
  void Step();

  // Drops the gradients of a step that failed halfway.
  void DropGradients();

 private:
  std::vector<at::Tensor> parameters_;
  std::vector<at::Tensor> first_moments_;   // undefined until the first gradient
  std::vector<at::Tensor> second_moments_;  // likewise
  at::Tensor steps_;                        // one count, shared by all parameters
};

}  // namespace cusp::runner
