// Feed-forward part in which a token uses one unit of each block (Jaszczur et al., "Sparse is
// Enough in Scaling Transformers", 2021, section 3.1).
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "worker/models/layers/linear.h"
#include "worker/models/layers/parameter_store.h"

namespace cusp::models {

struct SparseFeedForwardOptions {
  int64_t hidden_size = 0;
  int64_t intermediate_size = 0;
  int64_t block = 0;            // units of which one is used; divides intermediate_size
  int64_t rank = 0;             // features between the controller's two factors
  double temperature = 0;       // of the noise on choices, in training
  double hard_probability = 0;  // of a training step that uses one unit, not the weighted block
};

// A controller, linear and of low rank, says which. Registers PREFIX.controller, PREFIX.up and
// PREFIX.down .weight [intermediate_size, hidden_size], where each unit is a row, and
// PREFIX.down.bias.
class SparseFeedForward {
 public:
  SparseFeedForward(ParameterStore& store, const std::string& prefix,
                    const SparseFeedForwardOptions& options);

  // Whether a training step is one that uses one unit of each block; else false. Drawn on
  // the host, so that the device need not tell.
  bool DrawHard() const;

  // x [B, n, d] gives the same shape. In training every unit is computed and weighted by the
  // softmax of its block, or if `hard` by 1 and 0 with that softmax's gradient; else only the
  // rows of the chosen are read.
  at::Tensor operator()(const at::Tensor& x, bool hard) const;

 private:
  at::Tensor Chosen(const at::Tensor& x, const at::Tensor& scores) const;
  at::Tensor Weighted(const at::Tensor& x, const at::Tensor& scores, bool hard) const;
  // `soft` with the best of each block 1, the others 0, and the gradient of `soft`.
  at::Tensor Hardened(const at::Tensor& soft, const at::Tensor& scores) const;

  SparseFeedForwardOptions options_;
  bool training_;
  at::Generator generator_;
  Linear controller_;
  at::Tensor up_;
  at::Tensor down_;
  at::Tensor bias_;
};

}  // namespace cusp::models
