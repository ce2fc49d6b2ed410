// softmax(Q K^T / sqrt(d_h) + mask) V, by plain operators or by one of
// LibTorch's fused kernels (Vaswani et al., "Attention Is All You Need", 2017,
// eq. 1).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cusp::models {

enum class AttentionBackend {
  kEager,  // matmul, softmax, matmul; the n x n scores are written out
  kSdpa,   // scaled_dot_product_attention, kernel of LibTorch's choice
  kMath,   // … held to one kernel
  kFlash,
  kEfficient,
  kCudnn,
};

// INVALID_ARGUMENT lists the known names.
absl::StatusOr<AttentionBackend> AttentionBackendByName(const std::string& name);

// Whether the backend can run for heads of this size here. INVALID_ARGUMENT
// with LibTorch's reason where it can't: a forced kernel never falls back to another.
absl::Status CheckAttentionBackend(AttentionBackend backend, int64_t heads, int64_t head_size,
                                   at::ScalarType dtype, at::Device device, bool training);

// Runs attention of q [B, h, m, d_h] over k, v [B, g, n, d_h] with `additive`
// [B or 1, h or 1, m or 1, n] or undefined, and gives [B, m, h * d_h]. Each of the g
// heads of keys serves h / g of queries, and is copied only for a kernel that cannot
// share it. Causal: the queries are the last m of the n tokens, and none sees what
// comes after it.
// Remembers which kernel ran. Setting the allowed kernels is global to the
// process, so one thread runs models at a time.
class AttentionCore {
 public:
  // Scores are multiplied by `scale`, d_h^-1/2 unless given.
  AttentionCore(AttentionBackend backend, double dropout,
                std::optional<double> scale = std::nullopt);

  at::Tensor operator()(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                        const at::Tensor& additive, bool causal = false);

  std::string KernelUsed() const { return kernel_; }

 private:
  at::Tensor Eager(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                   const at::Tensor& additive) const;
  at::Tensor Fused(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                   const at::Tensor& additive, bool causal);

  AttentionBackend backend_;
  double dropout_;
  std::optional<double> scale_;
  std::string kernel_;
  bool repeats_keys_ = false;          // the kernel wants as many heads of keys as of queries
  std::vector<int64_t> kernel_sizes_;  // for which `kernel_` was found out
};

// The softmax over the last dimension, with dropout where `dropout` > 0.
at::Tensor SoftmaxWeights(const at::Tensor& scores, double dropout);

// [m, n], 0 where the last m of n tokens see a token and MaskValue(dtype) where it comes
// later.
at::Tensor CausalMask(int64_t queries, int64_t keys, at::ScalarType dtype, at::Device device);

// x [B, n, h * d_h] seen as [B, h, n, d_h], without a copy.
at::Tensor SplitHeads(const at::Tensor& x, int64_t heads);
// The reverse; copies where the heads lie apart.
at::Tensor MergeHeads(const at::Tensor& x);

}  // namespace cusp::models
