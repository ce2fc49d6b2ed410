// Feed-forward part whose hidden features are gated (Shazeer, "GLU Variants
// Improve Transformer", 2020, eq. 6).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>

#include "worker/models/layers/activation.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/parameter_store.h"

namespace cusp::models {

struct GatedFeedForwardOptions {
  int64_t hidden_size = 0;
  int64_t intermediate_size = 0;
  Activation activation = Activation::kSilu;
  double dropout = 0;  // of the gated features; 0 outside training
  LinearOptions linear = {.bias = false};
  // What the three matrices are called.
  std::string gate = "gate_proj";
  std::string up = "up_proj";
  std::string down = "down_proj";
  // One matrix with the gate's rows above the other's, instead of the first two; empty:
  // they are two.
  std::string gate_and_up = "";
};

// down(activation(gate(x)) * up(x)).
class GatedFeedForward {
 public:
  // Registers PREFIX.<gate> and PREFIX.<up>, or PREFIX.<gate_and_up>, and PREFIX.<down>.
  GatedFeedForward(ParameterStore& store, const std::string& prefix,
                   const GatedFeedForwardOptions& options);

  at::Tensor operator()(const at::Tensor& x) const;

 private:
  Activation activation_;
  double dropout_;
  Linear gate_;  // or both in one
  std::optional<Linear> up_;
  Linear down_;
};

}  // namespace cusp::models
