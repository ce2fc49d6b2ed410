// Softmax attention of each chunk of a sequence to itself and to chunks beside it (Kitaev et
// al., "Reformer", 2020), in linear time.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "worker/models/layers/linear.h"
#include "worker/models/layers/query_key_value.h"
#include "worker/models/layers/self_attention.h"

namespace cusp::models {

// How a sequence is cut, and how far a chunk sees.
struct ChunkReach {
  int64_t chunk = 1;
  int64_t before = 0;
  int64_t after = 0;

  // Tokens that a chunk sees.
  int64_t keys() const { return (before + 1 + after) * chunk; }
  // A sequence no longer than a chunk is one, alone.
  ChunkReach Of(int64_t length) const { return length <= chunk ? ChunkReach{length, 0, 0} : *this; }
};

struct ChunkAttentionOptions {
  AttentionShape shape = {};
  ChunkReach reach = {};
  bool causal = false;
};

// Chunks of neighbouring tokens; the first one's predecessor is the last. Registers
// PREFIX.query, PREFIX.key and PREFIX.value. Inputs longer than a chunk are a multiple of it.
class ChunkAttention {
 public:
  ChunkAttention(ParameterStore& store, const std::string& prefix,
                 const ChunkAttentionOptions& options);

  // x [B, n, d] gives [B, n, heads * head_size].
  at::Tensor operator()(const at::Tensor& x, const SequenceMask& mask) const;

 private:
  ChunkAttentionOptions options_;
  QueryKeyValue qkv_;
};

}  // namespace cusp::models
