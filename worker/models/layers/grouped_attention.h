// Attention of decoders: rotary positions, and keys and values shared by groups
// of query heads (Ainslie et al., GQA, 2023, section 2.2).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>

#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/causal_window.h"
#include "worker/models/layers/decoder_span.h"
#include "worker/models/layers/kv_cache.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/parameter_store.h"
#include "worker/models/layers/rotary.h"

namespace cusp::models {

struct GroupedAttentionOptions {
  int64_t hidden_size = 0;
  int64_t heads = 0;
  int64_t key_value_heads = 0;  // divides heads
  int64_t head_size = 0;
  double dropout = 0;  // of the attention weights; 0 outside training
  LinearOptions linear = {.bias = false};
  CausalWindow window{0, 0};
  AttentionBackend backend = AttentionBackend::kEager;
};

// Registers PREFIX.q_proj, PREFIX.k_proj, PREFIX.v_proj and PREFIX.o_proj. Owned by its
// model, used by one thread.
class GroupedAttention {
 public:
  GroupedAttention(ParameterStore& store, const std::string& prefix,
                   const GroupedAttentionOptions& options);

  // x [B, n, d] gives [B, n, d]. With a cache, x are the tokens that come next, and it
  // takes in their keys and values.
  at::Tensor operator()(const at::Tensor& x, const DecoderSpan& span, KvCache* cache);

  std::string KernelUsed() const { return core_.KernelUsed(); }

 private:
  // In heads of head_size features, turned unless `rotary` is nullptr: [B, h, n, d_h].
  at::Tensor Heads(const at::Tensor& x, const RotaryTables* rotary) const;

  int64_t head_size_;
  CausalWindow window_;
  Linear query_;
  Linear key_;
  Linear value_;
  Linear output_;
  AttentionCore core_;
};

}  // namespace cusp::models
