// The feed-forward part of the Switch Transformer (Fedus et al., JMLR 2022, section 2.1):
// each token goes through one of many experts.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "worker/models/layers/feed_forward.h"
#include "worker/models/layers/parameter_store.h"

namespace cusp::models {

struct SwitchFeedForwardOptions {
  FeedForwardOptions expert = {};
  int64_t experts = 0;
  bool router_bias = false;
  // In which the router computes, but for models of float64.
  at::ScalarType router_dtype = at::kFloat;
  double router_deviation = 1;  // of the router's random weights
  double jitter = 0;            // what the router reads times 1 - jitter to 1 + jitter
};

// p_e(x) expert_e(x) with e the expert of the largest p = softmax(W x). No expert refuses
// a token for being full.
class SwitchFeedForward {
 public:
  // Registers PREFIX.router.classifier and PREFIX.experts.expert_0, 1, ….
  SwitchFeedForward(ParameterStore& store, const std::string& prefix,
                    const SwitchFeedForwardOptions& options);

  // x [B, n, d] gives the same shape.
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  // Probabilities [T, experts] of x [T, d].
  at::Tensor Route(const at::Tensor& x) const;

  at::ScalarType router_dtype_;
  double jitter_;
  at::Tensor router_;
  at::Tensor router_bias_;  // undefined: none
  std::vector<FeedForward> experts_;
};

}  // namespace cusp::models
