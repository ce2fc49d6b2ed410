// A layer of MoEUT (Csordas et al., 2024): experts in the attention and in the feed-forward
// part, and norms only in front of what chooses or scores ("peri-layernorm", section 2.4).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "worker/models/layers/activation.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/decoder_span.h"
#include "worker/models/layers/experts.h"
#include "worker/models/layers/kv_cache.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/parameter_store.h"
#include "worker/models/layers/rotary.h"

namespace cusp::models {

struct MoeutLayerOptions {
  int64_t hidden_size = 0;
  int64_t heads = 0;
  int64_t head_size = 0;
  int64_t experts = 0;  // of the feed-forward part
  int64_t expert_size = 0;
  int64_t chosen = 0;             // … that a token goes through
  int64_t attention_experts = 0;  // of each head, for values and for outputs
  int64_t attention_chosen = 0;
  Activation activation = Activation::kRelu;
  double layer_norm_eps = 0;
  double dropout = 0;  // of the attention weights; 0 outside training
  AttentionBackend backend = AttentionBackend::kEager;
};

// sum over the chosen e of gate_e V_e act(K_e x). Registers PREFIX.keys [E, d, s],
// PREFIX.values [E, s, d] and PREFIX.expert_sel [E, d].
class ExpertFeedForward {
 public:
  ExpertFeedForward(ParameterStore& store, const std::string& prefix,
                    const MoeutLayerOptions& options);

  // x [B, n, d] gives the same shape; `normed` chooses the experts.
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& normed) const;

 private:
  int64_t experts_;
  int64_t chosen_;
  Activation activation_;
  at::Tensor keys_;
  at::Tensor values_;
  at::Tensor selection_;
};

// SwitchHead (Csordas et al., 2023): each head has experts for its values and for its output.
// Registers PREFIX.q and PREFIX.k, PREFIX.v [h E, d, d_h], PREFIX.o [h E, d_h, d], and what
// chooses among them, PREFIX.sel_v and PREFIX.sel_o [h E, d].
class SwitchHead {
 public:
  SwitchHead(ParameterStore& store, const std::string& prefix, const MoeutLayerOptions& options);

  // x [B, n, d] gives the same shape. Values are made of x; queries, keys and choices of
  // `normed`. With a cache, x are the tokens that come next, and it takes in their keys
  // and values.
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& normed, const DecoderSpan& span,
                        KvCache* cache);

  std::string KernelUsed() const { return core_.KernelUsed(); }

 private:
  // Experts of all heads that every token's heads choose, numbered through: [B, n, h, k].
  ExpertChoice Choose(const at::Tensor& normed, const at::Tensor& selection) const;
  // x [B, n, h * d_h] as [B, h, n, d_h], turned by its positions.
  at::Tensor Turned(const at::Tensor& x, const RotaryTables& rotary) const;
  // [B, h, n, d_h].
  at::Tensor Values(const at::Tensor& x, const ExpertChoice& choice, const ExpertRows& rows) const;
  // Of mixed [B, n, h * d_h].
  at::Tensor Output(const at::Tensor& mixed, const ExpertChoice& choice,
                    const ExpertRows& rows) const;

  int64_t heads_;
  int64_t experts_;
  int64_t chosen_;
  Linear query_;
  Linear key_;
  at::Tensor value_;
  at::Tensor output_;
  at::Tensor value_selection_;
  at::Tensor output_selection_;
  AttentionCore core_;
};

// x1 = x + attention(x, norm(x)), x2 = x1 + feed_forward(x1, norm(x1)). Registers
// PREFIX.attention, PREFIX.ffn, PREFIX.ln1 and PREFIX.ln2.
class MoeutLayer {
 public:
  MoeutLayer(ParameterStore& store, const std::string& prefix, const MoeutLayerOptions& options);

  at::Tensor operator()(const at::Tensor& x, const DecoderSpan& span, KvCache* cache);

  const SwitchHead& attention() const { return attention_; }

 private:
  SwitchHead attention_;
  ExpertFeedForward feed_forward_;
  LayerNorm attention_norm_;
  LayerNorm feed_forward_norm_;
};

}  // namespace cusp::models
