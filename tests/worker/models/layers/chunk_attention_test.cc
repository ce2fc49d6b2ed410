#include "worker/models/layers/chunk_attention.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/sequence_mask.h"

namespace cusp::models {
namespace {

constexpr int64_t kHidden = 6;

ChunkAttentionOptions Options(const ChunkReach& reach, bool causal = false) {
  return {.shape = {.hidden_size = kHidden, .heads = 2, .head_size = 5, .linear = {.bias = false}},
          .reach = reach,
          .causal = causal};
}

SequenceMask MaskOf(int64_t length, bool masked) {
  const Inputs inputs = TinyInputs("bert", length, 1);
  return MakeSequenceMask(inputs.at("input_ids"),
                          masked ? inputs.at("attention_mask") : at::Tensor(), 0, at::kDouble);
}

// Token by token, with the keys of each chunk in a list.
at::Tensor Slowly(const ParameterStore& store, const at::Tensor& x, const SequenceMask& mask,
                  const ChunkAttentionOptions& options) {
  const auto heads = [&](size_t i) {
    return SplitHeads(x.matmul(store.tensors()[i].second.t()), 2);
  };
  const at::Tensor q = heads(0);
  const at::Tensor k = heads(1);
  const at::Tensor v = heads(2);
  const ChunkReach& reach = options.reach;
  const int64_t chunks = x.size(1) / reach.chunk;
  at::Tensor output = v.clone();
  for (int64_t i = 0; i < x.size(1); ++i) {
    std::vector<at::Tensor> keys;
    for (int64_t step = -reach.before; step <= reach.after; ++step) {
      const int64_t chunk = (i / reach.chunk + step + chunks) % chunks;
      keys.push_back(ops::Arange(reach.chunk, at::kCPU).add(chunk * reach.chunk));
    }
    const at::Tensor seen = ops::Cat(keys, 0);
    at::Tensor hidden = ops::Full({2, seen.size(0)}, 0, at::kBool, at::kCPU);
    if (mask.keep.defined()) {
      hidden = mask.keep.index_select(1, seen).logical_not();
    }
    if (options.causal) {
      hidden = hidden.logical_or(seen.gt(i));
    }
    const at::Tensor weights = q.narrow(2, i, 1)
                                   .matmul(k.index_select(2, seen).transpose(2, 3))
                                   .div(std::sqrt(5.0))
                                   .masked_fill(hidden.view({2, 1, 1, -1}), MaskValue(at::kDouble))
                                   .softmax(-1);
    output.narrow(2, i, 1).copy_(weights.matmul(v.index_select(2, seen)));
  }
  return MergeHeads(output);
}

TEST(ChunkAttentionTest, EqualsItsDefinition) {
  for (const ChunkReach& reach :
       {ChunkReach{4, 1, 0}, ChunkReach{3, 0, 0}, ChunkReach{2, 2, 1}, ChunkReach{6, 1, 1}}) {
    for (const bool causal : {false, true}) {
      for (const bool masked : {false, true}) {
        ParameterStore store({.dtype = at::kDouble, .initializer_range = 0.5});
        const ChunkAttentionOptions options = Options(reach, causal);
        const ChunkAttention attention(store, "a", options);
        const at::Tensor x = RandomNormal({2, 12, kHidden}, 3, 1, at::kDouble);
        const SequenceMask mask = MaskOf(12, masked);
        EXPECT_LT(ScaledDifference(attention(x, mask), Slowly(store, x, mask, options), mask.keep),
                  1e-12)
            << reach.chunk << " " << reach.before << " " << reach.after << " " << causal << masked;
      }
    }
  }
}

TEST(ChunkAttentionTest, ShortSequenceIsOneChunkAlone) {
  ParameterStore store({.dtype = at::kDouble, .initializer_range = 0.5});
  const ChunkAttention attention(store, "a", Options({16, 1, 1}));
  const at::Tensor x = RandomNormal({2, 7, kHidden}, 3, 1, at::kDouble);
  const SequenceMask mask = MaskOf(7, true);
  EXPECT_LT(
      ScaledDifference(attention(x, mask), Slowly(store, x, mask, Options({7, 0, 0})), mask.keep),
      1e-12);
}

}  // namespace
}  // namespace cusp::models
