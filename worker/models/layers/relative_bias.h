// Learned biases of attention scores by the distance between tokens, in buckets
// that widen with it (Raffel et al., T5, 2020, section 2.1).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "worker/models/layers/parameter_store.h"

namespace cusp::models {

struct RelativeBiasOptions {
  int64_t heads = 0;
  int64_t buckets = 32;
  int64_t max_distance = 128;  // from here on all share the last bucket
  bool bidirectional = true;   // half of the buckets for tokens that come later
};

// Registers PREFIX.relative_attention_bias.weight [buckets, heads].
class RelativeBias {
 public:
  RelativeBias(ParameterStore& store, const std::string& prefix,
               const RelativeBiasOptions& options);

  // [1, heads, queries, before + queries], for queries that `before` tokens precede.
  at::Tensor operator()(int64_t queries, int64_t before) const;

 private:
  RelativeBiasOptions options_;
  at::Tensor weight_;
};

// Bucket of each distance key - query [..] int64.
at::Tensor RelativeBuckets(const at::Tensor& distance, const RelativeBiasOptions& options);

}  // namespace cusp::models
