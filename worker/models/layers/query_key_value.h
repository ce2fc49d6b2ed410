// The three projections that attention begins with.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "worker/models/layers/linear.h"
#include "worker/models/layers/self_attention.h"

namespace cusp::models {

struct Projections {
  at::Tensor q, k, v;
};

// Registers PREFIX.query, PREFIX.key and PREFIX.value, or what shape.names says.
class QueryKeyValue {
 public:
  QueryKeyValue(ParameterStore& store, const std::string& prefix, const AttentionShape& shape);

  // x [B, n, d] gives three of [B, n, heads * head_size].
  Projections operator()(const at::Tensor& x) const;
  // … as [B, heads, n, head_size], without a copy.
  Projections InHeads(const at::Tensor& x) const;
  at::Tensor Heads(const at::Tensor& x) const;

  int64_t heads() const { return heads_; }

 private:
  int64_t heads_;
  Linear query_;
  Linear key_;
  Linear value_;
};

}  // namespace cusp::models
