// What differs between the encoders that share BERT's skeleton.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>

#include "worker/models/layers/linear.h"
#include "worker/models/layers/sequence_mask.h"

namespace cusp::models {

// What the three projections are called, after the attention's prefix.
struct ProjectionNames {
  std::string query = "query";
  std::string key = "key";
  std::string value = "value";
};

// Shape of one layer's attention.
struct AttentionShape {
  int64_t hidden_size = 0;
  int64_t heads = 0;
  int64_t head_size = 0;      // heads * head_size may be less than hidden_size: pruned heads
  double dropout = 0;         // of the attention weights; 0 outside training
  LinearOptions linear = {};  // of query, key and value
  ProjectionNames names = {};

  int64_t inner_size() const { return heads * head_size; }
};

// What one layer keeps of the tokens it has seen, while decoding.
class LayerState {
 public:
  virtual ~LayerState() = default;
};

// One layer's attention up to, and without, the output projection. Owned by
// its model, used by one thread.
class SelfAttention {
 public:
  virtual ~SelfAttention() = default;

  // x [B, n, d] gives [B, n, heads * head_size], with n already padded to the
  // model's quantum.
  virtual at::Tensor Forward(const at::Tensor& x, const SequenceMask& mask) = 0;

  // Decoding: a state that has seen nothing; nullptr where there is none.
  virtual std::unique_ptr<LayerState> NewState() const { return nullptr; }
  // x [B, m, d] holds the next m >= 1 tokens after those that `state` has seen, and
  // gives what the causal Forward over all of them gives at these m.
  virtual at::Tensor Extend(const at::Tensor& x, LayerState& state);

  // Kernel that the last Forward ran.
  virtual std::string KernelUsed() const { return "eager"; }
};

}  // namespace cusp::models
