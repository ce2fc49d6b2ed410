// One layer of T5's encoder or decoder (Raffel et al., 2020, section 2.1), or of a relative.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/kv_cache.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/parameter_store.h"
#include "worker/models/model.h"

namespace cusp::models {

struct T5Options {
  int64_t hidden_size = 0;
  int64_t heads = 0;
  int64_t head_size = 0;
  int64_t buckets = 0;  // of distances, with a bias each; 0: scores have no bias
  int64_t max_distance = 0;
  std::optional<double> scale = 1;         // of scores; unset: head_size^-1/2
  LinearOptions linear = {.bias = false};  // of projections
  bool layer_norm = false;                 // LayerNorm, not RMSNorm
  double norm_epsilon = 0;
  double dropout = 0;  // everywhere; 0 outside training
  double initializer_factor = 1;
  bool decoder = false;
  AttentionBackend backend = AttentionBackend::kEager;
};

// RMSNorm or LayerNorm, whose tensors begin with `prefix`.
using T5Norm = std::function<at::Tensor(const at::Tensor& x)>;
T5Norm MakeT5Norm(ParameterStore& store, const std::string& prefix, const T5Options& options);

using T5FeedForward = std::function<at::Tensor(const at::Tensor& x)>;
// The feed-forward part of layer `layer` of the encoder or decoder, whose tensors begin
// with `prefix`.
using MakeT5FeedForward = std::function<T5FeedForward(
    ParameterStore& store, const std::string& prefix, int64_t layer, bool decoder)>;

// What is alike in all layers of one pass.
struct T5Span {
  at::Tensor bias = {};  // by distance, with what is hidden; of the tokens themselves; or undefined
  bool causal = false;   // hides what comes later, where the bias does not
  at::Tensor source = {};           // what a decoder reads, where its state holds no keys
  at::Tensor source_additive = {};  // what is hidden of that, or undefined
};

// Of one decoder layer: keys and values of the tokens before, and of the source.
struct T5LayerState {
  KvCache cache;
  at::Tensor source_keys;
  at::Tensor source_values;
};

struct T5State : DecodeState {
  std::vector<T5LayerState> layers;
  at::Tensor source_additive;
};

// Registers PREFIX.q, PREFIX.k, PREFIX.v and PREFIX.o.
class T5Attention {
 public:
  T5Attention(ParameterStore& store, const std::string& prefix, const T5Options& options);

  // [B, h, n, d_h] of x [B, n, d].
  at::Tensor Keys(const at::Tensor& x) const;
  at::Tensor Values(const at::Tensor& x) const;
  // x [B, m, d] gives [B, m, d].
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& keys, const at::Tensor& values,
                        const at::Tensor& additive, bool causal = false);

  std::string KernelUsed() const { return core_.KernelUsed(); }

 private:
  int64_t heads_;
  Linear query_;
  Linear key_;
  Linear value_;
  Linear output_;
  AttentionCore core_;
};

// Registers what follows PREFIX.layer.
class T5Layer {
 public:
  T5Layer(ParameterStore& store, const std::string& prefix, int64_t layer, const T5Options& options,
          const MakeT5FeedForward& make_feed_forward);

  at::Tensor operator()(const at::Tensor& x, const T5Span& span, T5LayerState* state);
  // Keys and values of the source, for a decoder's state.
  void Read(const at::Tensor& source, T5LayerState& state) const;

  std::string KernelUsed() const { return self_.KernelUsed(); }

 private:
  at::Tensor AttendToSource(const at::Tensor& x, const T5Span& span, const T5LayerState* state);
  // In place: no gradient needs the sum's first term.
  at::Tensor Added(at::Tensor part, const at::Tensor& x) const;

  double dropout_;
  T5Attention self_;
  T5Norm self_norm_;
  std::optional<T5Attention> cross_;
  T5Norm cross_norm_;
  T5FeedForward feed_forward_;
  T5Norm feed_forward_norm_;
};

}  // namespace cusp::models
