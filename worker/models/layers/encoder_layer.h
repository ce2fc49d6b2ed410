// The post-norm Transformer block of BERT, around any attention.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "worker/models/layers/activation.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/parameter_store.h"
#include "worker/models/layers/self_attention.h"

namespace cusp::models {

// What its tensors are called, after the layer's prefix.
struct EncoderLayerNames {
  // Empty: what mixes the tokens brings no projection (FNet).
  std::string attention_output = "attention.output.dense";
  std::string attention_norm = "attention.output.LayerNorm";
  std::string intermediate = "intermediate.dense";
  std::string output = "output.dense";
  std::string output_norm = "output.LayerNorm";
};

struct EncoderLayerOptions {
  int64_t hidden_size = 0;
  int64_t attention_size = 0;  // features of the attention's output; less where heads are pruned
  int64_t intermediate_size = 0;
  Activation activation = Activation::kGelu;
  double layer_norm_eps = 0;
  double dropout = 0;  // of both sub-layers' outputs; 0 outside training
  LinearOptions linear = {};
  EncoderLayerNames names = {};
};

// x1 = norm(x + dense(attention(x))), x2 = norm(x1 + W2 act(W1 x1)). Registers
// PREFIX.attention.output, PREFIX.intermediate and PREFIX.output, or what
// options.names says; the attention has registered its own before.
class EncoderLayer {
 public:
  EncoderLayer(ParameterStore& store, const std::string& prefix, const EncoderLayerOptions& options,
               std::unique_ptr<SelfAttention> attention);

  at::Tensor operator()(const at::Tensor& x, const SequenceMask& mask);
  // The next tokens while decoding, as SelfAttention::Extend.
  at::Tensor Extend(const at::Tensor& x, LayerState& state);

  const SelfAttention& attention() const { return *attention_; }

 private:
  // What follows the attention.
  at::Tensor Finish(const at::Tensor& attended, const at::Tensor& x) const;
  at::Tensor AddAndNorm(at::Tensor x, const at::Tensor& residual, const LayerNorm& norm) const;

  std::unique_ptr<SelfAttention> attention_;
  Activation activation_;
  double dropout_;
  std::optional<Linear> attention_output_;
  LayerNorm attention_norm_;
  Linear intermediate_;
  Linear output_;
  LayerNorm output_norm_;
};

}  // namespace cusp::models
