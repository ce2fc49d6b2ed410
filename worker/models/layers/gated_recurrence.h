// What retention and gated linear attention have in common: a causal recurrence with decay,
// every head normed, the whole gated by the input.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>

#include "worker/models/layers/head_gate.h"
#include "worker/models/layers/linear_recurrence.h"
#include "worker/models/layers/self_attention.h"

namespace cusp::models {

// Decodes with a state of one size. Padding adds nothing to the state.
class GatedRecurrence : public SelfAttention {
 public:
  // The terms of x [B, m, d], whose tokens `before` others precede.
  using MakeTerms = std::function<RecurrenceTerms(const at::Tensor& x, int64_t before)>;

  // Takes `chunk` tokens at once.
  GatedRecurrence(MakeTerms terms, const HeadGate& gate, int64_t chunk);

  at::Tensor Forward(const at::Tensor& x, const SequenceMask& mask) override;
  std::unique_ptr<LayerState> NewState() const override;
  at::Tensor Extend(const at::Tensor& x, LayerState& state) override;

 private:
  MakeTerms terms_;
  HeadGate gate_;
  int64_t chunk_;
};

}  // namespace cusp::models
