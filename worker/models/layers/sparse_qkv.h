// Queries, keys and values by way of small modules instead of whole matrices (Jaszczur et al.,
// "Sparse is Enough in Scaling Transformers", 2021, section 3.2).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "worker/models/layers/factored_linear.h"
#include "worker/models/layers/parameter_store.h"
#include "worker/models/layers/query_key_value.h"

namespace cusp::models {

struct SparseQkvOptions {
  int64_t hidden_size = 0;
  int64_t heads = 0;    // divides hidden_size
  int64_t modules = 0;  // the same
};

// One multiplicative layer for all three, then a convolution for each over tokens (itself
// and the two before it) and, for queries and keys, over a module and its neighbours.
// Registers PREFIX.multiplicative, PREFIX.query and PREFIX.key [M, M, 3, 3] and PREFIX.value
// [M, M, 3, 1], each with a bias, where M features make a module.
class SparseQkv {
 public:
  // Tokens before its own that one sees.
  static constexpr int64_t kBefore = 2;

  SparseQkv(ParameterStore& store, const std::string& prefix, const SparseQkvOptions& options);

  // x [B, n, d] gives three of [B, heads, n, d_h]. Tokens that `keep` [B, n] leaves out, where
  // defined, count as zeros. `before` [B, kBefore, d] is what the multiplicative layer made
  // of the tokens before, and takes in these; undefined: zeros. nullptr: none came
  // before, and nothing is kept.
  Projections operator()(const at::Tensor& x, const at::Tensor& keep, at::Tensor* before) const;

 private:
  struct Convolution {
    Convolution(ParameterStore& store, const std::string& prefix, int64_t width, int64_t reach);

    // image [B, M, kBefore + n, modules] gives [B, n, modules * M].
    at::Tensor operator()(const at::Tensor& image) const;

    at::Tensor weight;
    at::Tensor bias;
  };

  int64_t heads_;
  int64_t modules_;
  FactoredLinear multiplicative_;
  Convolution query_;
  Convolution key_;
  Convolution value_;
};

}  // namespace cusp::models
