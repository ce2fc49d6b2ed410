// Softmax attention whose scores know the distance between tokens and whether they are of one
// kind (Dai et al., "Funnel-Transformer", 2020, appendix A.2).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "worker/models/layers/linear.h"
#include "worker/models/layers/parameter_store.h"

namespace cusp::models {

struct FunnelAttentionOptions {
  int64_t hidden_size = 0;
  int64_t heads = 0;
  int64_t head_size = 0;
  bool shift = true;         // positions: relative_shift; else factorized
  bool separate_cls = true;  // the first token has neither distances nor kinds
  double dropout = 0;        // of the attention weights; 0 outside training
  double initializer_range = 0;
};

// What all layers with the same queries and keys share.
struct FunnelView {
  int64_t queries = 0;
  int64_t keys = 0;
  int64_t step = 1;  // how many times as far apart as keys queries are
  // Shifted: waves of all distances, [step * queries + keys, d], from the farthest key before
  // a query on. Factorized: of the queries' positions [queries, d] and the keys'.
  at::Tensor waves = {};
  at::Tensor key_waves = {};
  at::Tensor additive = {};  // [B, keys], or undefined
  // [B, queries, keys] of the model's type: 1 where query and key are of one kind, which the
  // first token is with nobody where it is separate. Undefined: all are.
  at::Tensor same_kind = {};
};

// Registers PREFIX.q_head, .k_head, .v_head, .r_w_bias, .r_r_bias, .r_kernel, .r_s_bias and
// .seg_embed.
class FunnelAttention {
 public:
  FunnelAttention(ParameterStore& store, const std::string& prefix,
                  const FunnelAttentionOptions& options);

  // query [B, queries, d] and context [B, keys, d] give [B, queries, heads * head_size].
  at::Tensor operator()(const at::Tensor& query, const at::Tensor& context,
                        const FunnelView& view) const;

 private:
  // Queries begin to begin + count, [B, count, heads, head_size]: as they are, and biased for
  // scores of content and of distance.
  struct Piece {
    int64_t begin = 0;
    int64_t count = 0;
    at::Tensor content = {};
    at::Tensor distance = {};
    at::Tensor plain = {};
  };
  at::Tensor Attend(const Piece& piece, const at::Tensor& k, const at::Tensor& v,
                    const at::Tensor& distances, const FunnelView& view) const;
  // Scores of distances alone, [heads, B, count, keys].
  at::Tensor Shifted(const Piece& piece, const at::Tensor& distances, const FunnelView& view) const;
  at::Tensor Factorized(const Piece& piece, const FunnelView& view) const;
  // Adds those of kinds, and hides what is masked.
  void AddKinds(const at::Tensor& scores, const Piece& piece, const FunnelView& view) const;

  FunnelAttentionOptions options_;
  double scale_;
  Linear query_;
  Linear key_;
  Linear value_;
  at::Tensor content_bias_;
  at::Tensor distance_bias_;
  at::Tensor distance_kernel_;  // [d, heads, head_size]
  at::Tensor kind_bias_;
  at::Tensor kinds_;  // [2, heads, head_size]: of another, of the same
};

}  // namespace cusp::models
