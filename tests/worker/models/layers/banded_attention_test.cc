#include "worker/models/layers/banded_attention.h"

#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

TEST(BandedAttentionTest, IsSoftmaxOverTheBand) {
  const AttentionShape kShape = {.hidden_size = 12, .heads = 3, .head_size = 4};
  ParameterStore store({.initializer_range = 0.5});
  BandedAttention attention(store, "self", kShape, 6);
  const at::Tensor x = RandomNormal({2, 12, 12}, 1);
  const auto projected = [&](size_t i) {
    return SplitHeads(x.matmul(store.tensors()[i].second.t()), 3);
  };
  const at::Tensor place = ops::Arange(12, at::kCPU);
  const at::Tensor far = place.unsqueeze(0).sub(place.unsqueeze(1)).abs().gt(3);
  const at::Tensor hidden =
      ops::Full({12, 12}, 0, at::kFloat, at::kCPU).masked_fill(far, -1e30).view({1, 1, 12, 12});
  AttentionCore core(AttentionBackend::kEager, 0);
  EXPECT_LT(ScaledDifference(attention.Forward(x, {}),
                             core(projected(0), projected(2), projected(4), hidden)),
            1e-5);
}

}  // namespace
}  // namespace cusp::models
