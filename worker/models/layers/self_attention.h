// What differs between the encoders that share BERT's skeleton.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "worker/models/layers/sequence_mask.h"

namespace cusp::models {

// Shape of one layer's attention.
struct AttentionShape {
  int64_t hidden_size = 0;
  int64_t heads = 0;
  double dropout = 0;  // of the attention weights; 0 outside training

  int64_t head_size() const { return hidden_size / heads; }
};

// One layer's attention up to, and without, the output projection. Owned by
// its model, used by one thread.
class SelfAttention {
 public:
  virtual ~SelfAttention() = default;

  // x [B, n, d] gives [B, n, d], with n already padded to the model's quantum.
  virtual at::Tensor Forward(const at::Tensor& x, const SequenceMask& mask) = 0;

  // Kernel that the last Forward ran.
  virtual std::string KernelUsed() const { return "eager"; }
};

}  // namespace cusp::models
