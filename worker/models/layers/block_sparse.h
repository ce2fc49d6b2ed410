// Attention between blocks of tokens (Zaheer et al., "Big Bird", 2020, section 2): the
// first and the last block attend to all and are attended to by all, any other one to
// itself, to both its neighbours and to a few random ones.
//
// The keys that a block sees are brought together, and then it is a sample of plain
// attention: n * (5 + random) * block scores a head, so time and memory are linear.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>

#include "worker/models/layers/attention_core.h"

namespace cusp::models {

struct BlockSparseOptions {
  int64_t heads = 0;
  int64_t block = 0;   // tokens of one
  int64_t random = 0;  // random blocks that a block sees
  // What they are drawn from: for each head others, none that the block sees already.
  // Without it every one of them is the first block, which then counts so many times more.
  std::optional<uint64_t> seed = std::nullopt;
  double dropout = 0;  // of the attention weights; 0 outside training
  AttentionBackend backend = AttentionBackend::kEager;

  // The longest input that has no room for the pattern.
  int64_t longest_full() const { return (5 + 2 * random) * block; }
};

// Owned by its model, used by one thread.
class BlockSparse {
 public:
  explicit BlockSparse(const BlockSparseOptions& options);

  // q, k, v [B, n, h * d_h], n a multiple of the block above longest_full(), give the same
  // shape. `additive` [B, 1, 1, n] or undefined.
  at::Tensor operator()(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                        const at::Tensor& additive);

  std::string KernelUsed() const { return middle_core_.KernelUsed(); }

 private:
  // Keys and values with their heads apart, [B, h, n, d_h], and a mask or none.
  struct Seen {
    at::Tensor k, v, additive;
  };

  void Plan(int64_t blocks, at::Device device);
  // Queries [B, rows * block, h * d_h] over the blocks that the index names, in the same
  // shape.
  at::Tensor Attend(AttentionCore& core, const at::Tensor& queries, const Seen& all,
                    const at::Tensor& index) const;
  // x [B, h, n, d] as [B * rows, h, width * block, d].
  at::Tensor Gather(const at::Tensor& x, const at::Tensor& index) const;

  BlockSparseOptions options_;
  int64_t planned_ = 0;  // blocks that the indices are for
  // Which of all heads' blocks is seen, [rows, h, width]: from those beside the first and
  // the last, and from those between.
  at::Tensor edges_;
  at::Tensor middle_;
  AttentionCore ends_core_;
  AttentionCore edges_core_;
  AttentionCore middle_core_;
};

}  // namespace cusp::models
