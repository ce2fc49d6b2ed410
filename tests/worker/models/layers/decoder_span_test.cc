#include "worker/models/layers/decoder_span.h"

#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

SequenceMask MaskOf(int64_t length, const at::Tensor& attention_mask = {}) {
  return MakeSequenceMask(ops::Full({2, length}, 0, at::kLong, at::kCPU), attention_mask, 0,
                          at::kFloat);
}

TEST(DecoderSpanTest, EagerGetsTheMaskWrittenOut) {
  const DecoderSpan span = CausalSpan(MaskOf(3), 2, AttentionBackend::kEager, at::kFloat, at::kCPU);
  EXPECT_FALSE(span.causal);
  ASSERT_EQ(span.additive.sizes(), at::IntArrayRef({1, 1, 3, 5}));
  // Token 2 + i sees i + 3 of the five.
  EXPECT_TRUE(span.additive.view({3, 5}).eq(0).sum(1).equal(ops::Arange(3, at::kCPU).add(3)));
}

TEST(DecoderSpanTest, KernelsKeepTheirOwnMask) {
  const DecoderSpan span = CausalSpan(MaskOf(3), 0, AttentionBackend::kSdpa, at::kFloat, at::kCPU);
  EXPECT_TRUE(span.causal);
  EXPECT_FALSE(span.additive.defined());
}

TEST(DecoderSpanTest, OneTokenSeesAll) {
  const DecoderSpan span = CausalSpan(MaskOf(1), 7, AttentionBackend::kEager, at::kFloat, at::kCPU);
  EXPECT_FALSE(span.causal);
  EXPECT_FALSE(span.additive.defined());
}

TEST(DecoderSpanTest, PaddingIsHiddenToo) {
  at::Tensor keep = ops::Full({2, 3}, 1, at::kLong, at::kCPU);
  keep.select(0, 1).select(0, 0).fill_(0);
  const DecoderSpan span =
      CausalSpan(MaskOf(3, keep), 0, AttentionBackend::kEager, at::kFloat, at::kCPU);
  const at::Tensor seen = span.additive.eq(0).sum(-1).squeeze(1);
  EXPECT_TRUE(seen.select(0, 0).equal(ops::Arange(3, at::kCPU).add(1)));
  EXPECT_TRUE(seen.select(0, 1).equal(ops::Arange(3, at::kCPU)));
}

}  // namespace
}  // namespace cusp::models
