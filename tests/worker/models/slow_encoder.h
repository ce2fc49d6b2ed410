// BERT's skeleton written out, around any attention: the obvious reference for models that
// have none elsewhere. In float64, without a thought for speed.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "worker/models/model.h"

namespace cusp::models {

// What one layer's attention sees.
struct SlowLayer {
  at::Tensor x;     // [B, n, d]
  at::Tensor keep;  // [B, n] bool, true = real token
  int64_t heads;
  std::map<std::string, at::Tensor> tensors;  // by their names below attention.self.

  // x W^T + b of NAME.weight and NAME.bias.
  at::Tensor Linear(const std::string& name) const;
  // … as [B, heads, n, d_h].
  at::Tensor Heads(const std::string& name) const;
};

// Gives [B, heads, n, d_h].
using SlowAttention = std::function<at::Tensor(const SlowLayer& layer)>;

// Tensors by name, of a model or of one of its parts.
using SlowTensors = std::map<std::string, at::Tensor>;

SlowTensors TensorsOf(const Model& model);
// Those whose names begin with `prefix`, without it.
SlowTensors Below(const SlowTensors& tensors, const std::string& prefix);
// NAME.weight and, where there is one, NAME.bias, or of low rank NAME.down and NAME.up.
at::Tensor SlowLinear(const SlowTensors& tensors, const std::string& name, const at::Tensor& x);
at::Tensor SlowNorm(const SlowTensors& tensors, const std::string& name, const at::Tensor& x);
at::Tensor SlowEmbedding(const SlowTensors& tensors, const Inputs& inputs);
// One layer of these tensors over x [B, n, d].
at::Tensor SlowEncoderLayer(const SlowTensors& tensors, const at::Tensor& x, const at::Tensor& keep,
                            int64_t heads, const SlowAttention& attention);
// The same with the norms before each part; `attend` maps [B, n, d] to what the output
// projection reads.
at::Tensor SlowPreNormLayer(const SlowTensors& tensors, const at::Tensor& x,
                            const std::function<at::Tensor(const at::Tensor&)>& attend);
// Which tokens are real: [B, n] bool.
at::Tensor KeepOf(const Inputs& inputs);

// last_hidden_state of a float64 model's tensors, with `attention` in place of its own.
at::Tensor SlowEncoder(const nlohmann::json& config, const Model& model, const Inputs& inputs,
                       const SlowAttention& attention);

// Softmax attention of token i to those j that are real and of which allowed [n, n] (bool)
// says so.
at::Tensor AttentionWhere(const SlowLayer& layer, const at::Tensor& allowed);

// Softmax attention to every real token.
at::Tensor PlainSlowAttention(const SlowLayer& layer);

// The model of `config` in float64 equals SlowEncoder at these lengths, with and without a
// mask, to `tolerance` of the output's scale.
void ExpectEqualsSlowly(const nlohmann::json& config, const std::vector<int64_t>& lengths,
                        const SlowAttention& attention, double tolerance = 1e-9);

}  // namespace cusp::models
