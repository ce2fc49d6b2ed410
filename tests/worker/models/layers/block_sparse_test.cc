#include "worker/models/layers/block_sparse.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/sequence_mask.h"

namespace cusp::models {
namespace {

constexpr int64_t kHeads = 3;
constexpr int64_t kBlock = 4;
constexpr int64_t kBlocks = 17;
constexpr int64_t kLength = kBlock * kBlocks;
constexpr int64_t kRandom = 2;

BlockSparse Make(std::optional<uint64_t> seed,
                 AttentionBackend backend = AttentionBackend::kEager) {
  return BlockSparse(
      {.heads = kHeads, .block = kBlock, .random = kRandom, .seed = seed, .backend = backend});
}

// How often each block of queries sees each block of keys, [h, blocks, blocks]: with scores
// that are all alike, values that name their block come out as shares.
at::Tensor TimesSeen(BlockSparse& attention) {
  const at::Tensor names = ops::Eye(kBlocks, at::kDouble, at::kCPU).repeat({1, kHeads});
  const at::Tensor values = names.repeat_interleave(kBlock, 0).unsqueeze(0);
  const at::Tensor zeros = values.mul(0);
  const at::Tensor shares = attention(zeros, zeros, values, {})
                                .view({kBlocks, kBlock, kHeads, kBlocks})
                                .select(1, 0)
                                .transpose(0, 1);
  // The block itself is seen once.
  return shares.div(shares.diagonal(0, 1, 2).unsqueeze(-1)).round();
}

// Softmax over all tokens of weights that count a key `times` over.
at::Tensor Slowly(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                  const at::Tensor& times, const at::Tensor& additive) {
  const at::Tensor by_token =
      times.repeat_interleave(kBlock, 1).repeat_interleave(kBlock, 2).unsqueeze(0);
  at::Tensor scores = SplitHeads(q, kHeads)
                          .matmul(SplitHeads(k, kHeads).transpose(2, 3))
                          .div(std::sqrt(static_cast<double>(q.size(2) / kHeads)))
                          .add(by_token.log());
  scores = additive.defined() ? scores.add(additive) : scores;
  return MergeHeads(scores.softmax(-1).matmul(SplitHeads(v, kHeads)));
}

TEST(BlockSparseTest, EverySeenBlockIsAnother) {
  BlockSparse attention = Make(7);
  const at::Tensor times = TimesSeen(attention);
  EXPECT_LE(times.max().item<double>(), 1);
  const at::Tensor seen = times.sum(-1);
  for (int64_t head = 0; head < kHeads; ++head) {
    for (int64_t row = 0; row < kBlocks; ++row) {
      const bool end = row == 0 || row == kBlocks - 1;
      const bool edge = row == 1 || row == kBlocks - 2;
      EXPECT_EQ(seen.select(0, head).select(0, row).item<double>(),
                end ? kBlocks : (edge ? 4 : 5) + kRandom)
          << head << " " << row;
      const at::Tensor mine = times.select(0, head).select(0, row);
      for (const int64_t block : {int64_t{0}, std::max<int64_t>(row - 1, 0), row,
                                  std::min(row + 1, kBlocks - 1), kBlocks - 1}) {
        EXPECT_EQ(mine.select(0, block).item<double>(), 1) << head << " " << row << " " << block;
      }
    }
  }
}

TEST(BlockSparseTest, HeadsAndSeedsDrawOtherBlocks) {
  BlockSparse first = Make(7);
  BlockSparse again = Make(7);
  BlockSparse other = Make(8);
  const at::Tensor times = TimesSeen(first);
  EXPECT_TRUE(times.equal(TimesSeen(again)));
  EXPECT_FALSE(times.equal(TimesSeen(other)));
  EXPECT_FALSE(times.select(0, 0).equal(times.select(0, 1)));
}

TEST(BlockSparseTest, WithoutASeedTheFirstBlockCountsForTheRandomOnes) {
  BlockSparse attention = Make(std::nullopt);
  const at::Tensor times = TimesSeen(attention);
  const at::Tensor first = times.select(2, 0);
  EXPECT_TRUE(first.narrow(1, 1, kBlocks - 2).eq(1 + kRandom).all().item<bool>());
  EXPECT_LE(times.narrow(2, 1, kBlocks - 1).max().item<double>(), 1);
}

TEST(BlockSparseTest, EqualsDenseAttentionUnderItsPattern) {
  const at::Tensor q = RandomNormal({2, kLength, 12}, 1, 1, at::kDouble);
  const at::Tensor k = RandomNormal({2, kLength, 12}, 2, 1, at::kDouble);
  const at::Tensor v = RandomNormal({2, kLength, 12}, 3, 1, at::kDouble);
  at::Tensor additive = ops::Full({2, 1, 1, kLength}, 0, at::kDouble, at::kCPU);
  additive.select(0, 0).narrow(-1, 9, 5).fill_(MaskValue(at::kDouble));
  additive.select(0, 1).narrow(-1, kLength - 5, 5).fill_(MaskValue(at::kDouble));
  for (const std::optional<uint64_t> seed :
       {std::optional<uint64_t>(), std::optional<uint64_t>(5)}) {
    BlockSparse attention = Make(seed);
    const at::Tensor times = TimesSeen(attention);
    for (const at::Tensor& mask : {at::Tensor(), additive}) {
      EXPECT_LT(ScaledDifference(attention(q, k, v, mask), Slowly(q, k, v, times, mask)), 1e-12);
    }
  }
}

TEST(BlockSparseTest, EveryBackendComputesTheSame) {
  const at::Tensor q = RandomNormal({2, kLength, 12}, 1);
  at::Tensor additive = ops::Full({2, 1, 1, kLength}, 0, at::kFloat, at::kCPU);
  additive.select(0, 1).narrow(-1, kLength - 5, 5).fill_(MaskValue(at::kFloat));
  BlockSparse eager = Make(5);
  for (const at::Tensor& mask : {at::Tensor(), additive}) {
    const at::Tensor expected = eager(q, q, q, mask);
    for (const AttentionBackend backend :
         {AttentionBackend::kSdpa, AttentionBackend::kMath, AttentionBackend::kFlash}) {
      BlockSparse attention = Make(5, backend);
      EXPECT_LT(ScaledDifference(attention(q, q, q, mask), expected), 1e-5);
    }
  }
}

TEST(BlockSparseTest, InputsOfOtherLengthsGetBlocksOfTheirOwn) {
  BlockSparse attention = Make(5);
  const at::Tensor x = RandomNormal({1, kLength, 12}, 1);
  const at::Tensor before = attention(x, x, x, {});
  const at::Tensor shorter = x.narrow(1, 0, 11 * kBlock).contiguous();
  EXPECT_EQ(attention(shorter, shorter, shorter, {}).sizes(), shorter.sizes());
  EXPECT_TRUE(attention(x, x, x, {}).equal(before));
}

}  // namespace
}  // namespace cusp::models
