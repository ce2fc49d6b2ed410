// The recurrent cell of Block-Recurrent Transformers (Hutchins et al., 2022, section 3):
// state vectors that tokens attend to, and that attend to each block of tokens once it is
// complete. Gate: fixed, without a feed-forward part ("fixed, skip" in section 3.3).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/parameter_store.h"
#include "worker/models/layers/self_attention.h"

namespace cusp::models {

struct BlockRecurrenceOptions {
  AttentionShape attention = {};
  int64_t block = 0;   // tokens that the state reads at once
  int64_t states = 0;  // state vectors
  double layer_norm_eps = 0;
  AttentionBackend backend = AttentionBackend::kEager;
};

// The state, and what is made of it once for all who read it. Undefined before the first
// token.
struct StateVectors {
  at::Tensor vectors;  // [B, s, d]
  at::Tensor normed;   // [B, s, d]
  at::Tensor keys;     // [B, h, s, d_h]
  at::Tensor values;   // [B, h, s, d_h]
};

// Tokens that read the state, and are read by it.
struct RecurrenceTokens {
  at::Tensor x;            // [B, m, d], normed
  at::Tensor keys;         // [B, h, … + m, d_h], of which the last m are theirs; before these at
  at::Tensor values;       // least those of their first block
  at::Tensor keep;         // [B, m] bool or undefined, and then nothing came before
  int64_t before = 0;      // tokens that precede them
  bool continues = false;  // others follow, so that the last block is read too
};

// Owned by its model, used by one thread.
class BlockRecurrence {
 public:
  // Registers PREFIX.token_query, PREFIX.initial_state, PREFIX.state_ids, PREFIX.norm,
  // PREFIX.query, PREFIX.key, PREFIX.value, PREFIX.block_query, PREFIX.output and
  // PREFIX.gate.
  BlockRecurrence(ParameterStore& store, const std::string& prefix,
                  const BlockRecurrenceOptions& options);

  // What each token takes from the state before its block: [B, m, h * d_h]. Time is linear
  // in m.
  at::Tensor operator()(const RecurrenceTokens& tokens, StateVectors& state);

 private:
  StateVectors Made(const at::Tensor& vectors) const;
  at::Tensor Heads(const at::Tensor& x) const { return SplitHeads(x, shape_.heads); }
  // The state after the block that the first `end` of the tokens complete.
  StateVectors Next(const StateVectors& state, const RecurrenceTokens& tokens, int64_t end);

  AttentionShape shape_;
  int64_t block_;
  Linear token_query_;
  at::Tensor initial_state_;  // [s, d]
  at::Tensor state_ids_;      // [s, d]: the vectors' own "positions"
  LayerNorm norm_;
  Linear query_;
  Linear key_;
  Linear value_;
  Linear block_query_;
  Linear output_;
  at::Tensor gate_;  // [d]
  AttentionCore token_core_;
  AttentionCore state_core_;
};

}  // namespace cusp::models
