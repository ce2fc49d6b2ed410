// The plain feed-forward part: two matrices around an activation.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "worker/models/layers/activation.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/parameter_store.h"

namespace cusp::models {

struct FeedForwardOptions {
  int64_t hidden_size = 0;
  int64_t intermediate_size = 0;
  Activation activation = Activation::kRelu;
  double dropout = 0;  // of the inner features; 0 outside training
  LinearOptions linear = {.bias = false};
  // What the two matrices are called.
  std::string up = "wi";
  std::string down = "wo";
};

// down(activation(up(x))).
class FeedForward {
 public:
  // Registers PREFIX.<up> and PREFIX.<down>.
  FeedForward(ParameterStore& store, const std::string& prefix, const FeedForwardOptions& options);

  at::Tensor operator()(const at::Tensor& x) const;

 private:
  Activation activation_;
  double dropout_;
  Linear up_;
  Linear down_;
};

}  // namespace cusp::models
