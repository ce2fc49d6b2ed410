#include "worker/models/layers/plain_attention.h"

#include <gtest/gtest.h>

#include <utility>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

const AttentionShape kShape = {.hidden_size = 12, .heads = 3, .head_size = 4};

TEST(PlainAttentionTest, IsTheCoreBetweenProjections) {
  ParameterStore store({.initializer_range = 0.5});
  PlainAttention attention(store, "self", kShape, AttentionBackend::kEager);
  const at::Tensor x = RandomNormal({2, 7, 12}, 1);
  const auto projected = [&](size_t i) {
    return SplitHeads(x.matmul(store.tensors()[i].second.t()), 3);
  };
  AttentionCore core(AttentionBackend::kEager, 0);
  EXPECT_LT(ScaledDifference(attention.Forward(x, {}),
                             core(projected(0), projected(2), projected(4), {})),
            1e-5);
}

TEST(PlainAttentionTest, FewerHeadsGiveFewerFeatures) {
  ParameterStore store({});
  PlainAttention attention(store, "self", {.hidden_size = 12, .heads = 2, .head_size = 4},
                           AttentionBackend::kEager);
  EXPECT_EQ(attention.Forward(RandomNormal({2, 7, 12}, 1), {}).sizes(), at::IntArrayRef({2, 7, 8}));
}

TEST(PlainAttentionTest, PiecesEqualTheCausalWhole) {
  for (const AttentionBackend backend : {AttentionBackend::kEager, AttentionBackend::kSdpa}) {
    ParameterStore store({.initializer_range = 0.5});
    PlainAttention attention(store, "self", kShape, backend);
    const at::Tensor x = RandomNormal({2, 9, 12}, 1);
    SequenceMask mask;
    mask.causal = true;
    const at::Tensor whole = attention.Forward(x, mask);
    const auto state = attention.NewState();
    for (const auto& [at, piece] : {std::pair<int64_t, int64_t>{0, 4}, {4, 1}, {5, 4}}) {
      EXPECT_LT(ScaledDifference(attention.Extend(x.narrow(1, at, piece), *state),
                                 whole.narrow(1, at, piece)),
                1e-5);
    }
  }
}

}  // namespace
}  // namespace cusp::models
