// How an hourglass shortens a sequence, and brings it back to its length (Nawrot et al.,
// "Hierarchical Transformers Are More Efficient Language Models", 2021, section 2.3).
//
// Group i holds the `factor` tokens that end with token i * factor, and counts as standing
// there: what it knows, no token before it may learn.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>

#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/block.h"
#include "worker/models/layers/kv_cache.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/parameter_store.h"
#include "worker/models/layers/self_attention.h"

namespace cusp::models {

enum class Resampling {
  kLinear,     // one matrix over a group's features, another back
  kAverage,    // a group's mean; every token gets its group's vector
  kAttention,  // the mean attends to the tokens; tokens, after the matrix, to the groups
};

// For a name that the catalog has checked.
Resampling ResamplingOf(const std::string& name);

struct ResamplingOptions {
  Resampling kind = Resampling::kLinear;
  int64_t factor = 1;
  AttentionShape attention = {};
  BlockOptions block = {};
  AttentionBackend backend = AttentionBackend::kEager;
};

// What resampling attention reads. Undefined for the other kinds.
struct ResamplingSource {
  at::Tensor keys = {};      // [B, h, s, d_h]
  at::Tensor values = {};    // [B, h, s, d_h]
  at::Tensor additive = {};  // [B, 1, 1, s] or undefined
};

// A pre-norm block whose queries and keys stand apart. Used by one thread.
class ResamplingAttention {
 public:
  // Registers PREFIX.source_norm, PREFIX.query, PREFIX.key, PREFIX.value and Block's. The
  // keys stand at 0, key_step, 2 * key_step, …
  ResamplingAttention(ParameterStore& store, const std::string& prefix,
                      const ResamplingOptions& options, int64_t key_step);

  // Keys and values of source [B, s, d]. With a cache, these come next, unless there are
  // none (undefined), and all are returned.
  ResamplingSource Read(const at::Tensor& source, const at::Tensor& additive, KvCache* cache) const;
  // x [B, m, d] stand at first, first + step, … and see no later key.
  at::Tensor operator()(const at::Tensor& x, int64_t first, int64_t step,
                        const ResamplingSource& source);

 private:
  int64_t heads_;
  int64_t key_step_;
  LayerNorm source_norm_;
  Linear query_;
  Linear key_;
  Linear value_;
  AttentionCore core_;
  Block block_;
};

// Registers PREFIX.weight and PREFIX.bias if linear, and ResamplingAttention's if that.
class Shortening {
 public:
  Shortening(ParameterStore& store, const std::string& prefix, const ResamplingOptions& options);

  // Of x [B, m, d], the tokens; `additive` and `cache` as in ResamplingAttention.
  ResamplingSource Read(const at::Tensor& x, const at::Tensor& additive, KvCache* cache) const;
  // groups [B, c * factor, d], of which the first is group `first`, give [B, c, d].
  at::Tensor operator()(const at::Tensor& groups, int64_t first, const ResamplingSource& source);

 private:
  int64_t factor_;
  std::optional<Linear> linear_;
  std::optional<ResamplingAttention> attention_;
};

// Registers PREFIX.linear unless it averages, and ResamplingAttention's if that.
class Upsampling {
 public:
  Upsampling(ParameterStore& store, const std::string& prefix, const ResamplingOptions& options);

  // Of groups [B, c, d]; `additive` and `cache` as in ResamplingAttention.
  ResamplingSource Read(const at::Tensor& groups, const at::Tensor& additive, KvCache* cache) const;
  // groups [B, c, d] give [B, c * factor, d]: one vector for each token that a group is for.
  at::Tensor Lengthen(const at::Tensor& groups) const;
  // Adds `lengthened` to x [B, m, d], the tokens from `first` on.
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& lengthened, int64_t first,
                        const ResamplingSource& source);

 private:
  int64_t factor_;
  std::optional<Linear> linear_;
  std::optional<ResamplingAttention> attention_;
};

}  // namespace cusp::models
