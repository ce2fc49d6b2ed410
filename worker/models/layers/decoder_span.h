// What is alike in all layers of one causal pass.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/rotary.h"
#include "worker/models/layers/sequence_mask.h"

namespace cusp::models {

struct DecoderSpan {
  RotaryTables rotary = {};
  at::Tensor additive = {};  // for AttentionCore, or for CausalWindow where it cuts; or undefined
  bool causal = false;       // what `additive` leaves to AttentionCore
};

// Of mask.length tokens that see `before` others and, of these, the earlier ones. The mask
// is written out once for all layers where `backend` knows no causal mask of its own.
// Without rotary tables.
DecoderSpan CausalSpan(const SequenceMask& mask, int64_t before, AttentionBackend backend,
                       at::ScalarType dtype, at::Device device);

}  // namespace cusp::models
