#include "worker/models/layers/grouped_attention.h"

#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

GroupedAttentionOptions Options(AttentionBackend backend) {
  return {.hidden_size = 10, .heads = 4, .key_value_heads = 2, .head_size = 6, .backend = backend};
}

TEST(GroupedAttentionTest, RegistersFewerKeysThanQueries) {
  ParameterStore store({});
  const GroupedAttention attention(store, "self_attn", Options(AttentionBackend::kEager));
  ASSERT_EQ(store.tensors().size(), 4U);
  EXPECT_EQ(store.tensors()[0].first, "self_attn.q_proj.weight");
  EXPECT_EQ(store.tensors()[0].second.sizes(), at::IntArrayRef({24, 10}));
  EXPECT_EQ(store.tensors()[1].first, "self_attn.k_proj.weight");
  EXPECT_EQ(store.tensors()[1].second.sizes(), at::IntArrayRef({12, 10}));
  EXPECT_EQ(store.tensors()[3].first, "self_attn.o_proj.weight");
  EXPECT_EQ(store.tensors()[3].second.sizes(), at::IntArrayRef({10, 24}));
}

TEST(GroupedAttentionTest, EveryBackendComputesTheSame) {
  const at::Tensor x = RandomNormal({2, 9, 10}, 1);
  Rotary rotary(6, 100, at::kFloat, at::kCPU);
  const DecoderSpan span{.rotary = rotary.At(0, 9), .causal = true};
  ParameterStore store({.initializer_range = 0.5});
  GroupedAttention eager(store, "a", Options(AttentionBackend::kEager));
  const at::Tensor expected = eager(x, span, nullptr);
  for (const AttentionBackend backend :
       {AttentionBackend::kSdpa, AttentionBackend::kMath, AttentionBackend::kFlash}) {
    ParameterStore same({.initializer_range = 0.5});
    GroupedAttention fused(same, "a", Options(backend));
    EXPECT_LT(ScaledDifference(fused(x, span, nullptr), expected), 1e-5) << fused.KernelUsed();
  }
}

TEST(GroupedAttentionTest, CacheStandsForTheTokensBefore) {
  const at::Tensor x = RandomNormal({2, 9, 10}, 1);
  Rotary rotary(6, 100, at::kFloat, at::kCPU);
  ParameterStore store({.initializer_range = 0.5});
  GroupedAttention attention(store, "a", Options(AttentionBackend::kEager));
  const at::Tensor whole = attention(x, {.rotary = rotary.At(0, 9), .causal = true}, nullptr);
  KvCache cache;
  attention(x.narrow(1, 0, 6), {.rotary = rotary.At(0, 6), .causal = true}, &cache);
  const at::Tensor rest =
      attention(x.narrow(1, 6, 3), {.rotary = rotary.At(6, 3), .causal = true}, &cache);
  EXPECT_LT(ScaledDifference(rest, whole.narrow(1, 6, 3)), 1e-5);
  EXPECT_EQ(cache.length(), 9);
}

}  // namespace
}  // namespace cusp::models
