// Reversible residual layers (Gomez et al., "The Reversible Residual Network", 2017, eq. 8
// and 9; Kitaev et al., "Reformer", 2020, section 3): y1 = x1 + f(x2), y2 = x2 + g(y1).
//
// Inputs follow from outputs, so training keeps the last layer's outputs alone and computes
// everything else again on the way back: memory does not grow with depth.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

namespace cusp::models {

// f or g.
struct ReversiblePart {
  // Gives what is added to the other stream, of x's shape. Runs a second time on the way
  // back, where `kept` is what the first run left there: what must not differ by rounding.
  std::function<at::Tensor(const at::Tensor& x, at::Tensor& kept)> branch;
  // Those that `branch` reads; all have gradients in training.
  std::vector<at::Tensor> parameters;
  // Whether it draws random numbers, which then are the same both times.
  bool random = false;
};

// Parts run in turn, f and g of each layer; both streams begin with x [.., d]. Gives the two
// side by side, [.., 2 * d]. What the parts refer to must live until the gradients are
// computed, once.
at::Tensor RunReversible(std::vector<ReversiblePart> parts, const at::Tensor& x);

}  // namespace cusp::models
