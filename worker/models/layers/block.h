// A Transformer block under the names and with the norms of any family.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>

#include "worker/models/layers/activation.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/parameter_store.h"

namespace cusp::models {

// Where a block of f, x + f(x), is normed.
enum class NormPlace {
  kAfter,     // norm(x + f(x)): BERT, HuBERT
  kBefore,    // x + f(norm(x)): ViT, Swin, HuBERT with stable norms
  kOnBranch,  // x + norm(f(x)): Swin V2's residual post-norm
};

// Of tensors, below the block's prefix.
struct BlockNames {
  const char* attention_output = "attention.output.dense";
  const char* attention_norm = "layernorm_before";
  const char* feed_forward_in = "intermediate.dense";
  const char* feed_forward_out = "output.dense";
  const char* feed_forward_norm = "layernorm_after";
};

struct BlockOptions {
  int64_t hidden_size = 0;
  int64_t attention_size = 0;  // features of the attention's output
  int64_t intermediate_size = 0;
  Activation activation = Activation::kGelu;
  double layer_norm_eps = 0;
  double dropout = 0;             // of both branches' outputs; 0 outside training
  double activation_dropout = 0;  // inside the feed-forward part; 0 outside training
  // How often a sample does without the branch (Huang et al., Deep Networks with
  // Stochastic Depth, 2016); 0 outside training.
  double attention_drop_path = 0;
  double feed_forward_drop_path = 0;
  NormPlace norm = NormPlace::kBefore;
  BlockNames names = {};
};

// What surrounds an attention. Registers the tensors of BlockNames below PREFIX.
class Block {
 public:
  Block(ParameterStore& store, const std::string& prefix, const BlockOptions& options);

  // x [B, n, d] gives the same shape. `attend` maps [B, n, d] to [B, n, attention_size].
  at::Tensor operator()(const at::Tensor& x,
                        const std::function<at::Tensor(const at::Tensor&)>& attend) const;

 private:
  at::Tensor FeedForward(const at::Tensor& x) const;
  at::Tensor NormBefore(const at::Tensor& x, const LayerNorm& norm) const;
  at::Tensor AddBranch(at::Tensor branch, const at::Tensor& x, const LayerNorm& norm,
                       double drop_path) const;

  NormPlace place_;
  Activation activation_;
  double dropout_;
  double activation_dropout_;
  double attention_drop_path_;
  double feed_forward_drop_path_;
  LayerNorm attention_norm_;
  Linear attention_output_;
  LayerNorm feed_forward_norm_;
  Linear feed_forward_in_;
  Linear feed_forward_out_;
};

}  // namespace cusp::models
