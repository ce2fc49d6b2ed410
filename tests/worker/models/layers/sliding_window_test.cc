#include "worker/models/layers/sliding_window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/sequence_mask.h"

namespace cusp::models {
namespace {

// Dense attention under a band mask: what the chunks must equal.
at::Tensor Banded(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, int64_t reach,
                  const at::Tensor& keep) {
  const at::Tensor place = ops::Arange(q.size(2), at::kCPU);
  at::Tensor outside =
      place.unsqueeze(1).sub(place).abs().gt(reach).view({1, 1, q.size(2), q.size(2)});
  if (keep.defined()) {
    outside = outside.logical_or(keep.logical_not().view({q.size(0), 1, 1, q.size(2)}));
  }
  return q.matmul(k.transpose(2, 3))
      .div(std::sqrt(static_cast<double>(q.size(3))))
      .masked_fill(outside, MaskValue(q.scalar_type()))
      .softmax(-1)
      .matmul(v);
}

TEST(SlidingWindowTest, EqualsDenseAttentionUnderABandMask) {
  for (const int64_t reach : {1, 2, 3, 5, 10, 30}) {
    for (const int64_t blocks : {2, 3, 7}) {
      const int64_t n = reach * blocks;
      const at::Tensor q = RandomNormal({2, 3, n, 4}, 1);
      const at::Tensor k = RandomNormal({2, 3, n, 4}, 2);
      const at::Tensor v = RandomNormal({2, 3, n, 4}, 3);
      SlidingWindow window(reach);
      const at::Tensor output = window.Mix(window.Scores(q, k, {}).softmax(-1), v);
      EXPECT_LT(ScaledDifference(output, Banded(q, k, v, reach, {})), 1e-5)
          << "reach " << reach << ", n " << n;
    }
  }
}

TEST(SlidingWindowTest, TakesAnyLength) {
  for (const int64_t reach : {1, 2, 5, 8}) {
    for (const int64_t n : {1, 3, 8, 9, 16, 23}) {
      const at::Tensor q = RandomNormal({2, 3, n, 4}, 1);
      const at::Tensor k = RandomNormal({2, 3, n, 4}, 2);
      const at::Tensor v = RandomNormal({2, 3, n, 4}, 3);
      at::Tensor keep = ops::Full({2, n}, 1, at::kBool, at::kCPU);
      keep.select(0, 1).narrow(0, n / 2, std::min<int64_t>(reach, n / 4)).fill_(false);
      SlidingWindow window(reach);
      for (const at::Tensor& mask : {at::Tensor(), keep}) {
        EXPECT_LT(
            ScaledDifference(window(q, k, v, mask, 0), MergeHeads(Banded(q, k, v, reach, mask))),
            1e-5)
            << "reach " << reach << ", n " << n;
      }
    }
  }
}

TEST(SlidingWindowTest, GradientsAreThoseOfDenseAttention) {
  at::Tensor keep = ops::Full({1, 13}, 1, at::kBool, at::kCPU);
  keep.narrow(1, 4, 2).fill_(false);
  for (const at::Tensor& mask : {at::Tensor(), keep}) {
    std::vector<at::Tensor> gradients;
    for (const bool dense : {false, true}) {
      at::Tensor x = RandomNormal({1, 2, 13, 4}, 1, 1, at::kDouble).requires_grad_(true);
      const at::Tensor k = x.sin();
      SlidingWindow window(5);
      const at::Tensor y = dense ? MergeHeads(Banded(x, k, k, 5, mask)) : window(x, k, k, mask, 0);
      y.mul(RandomNormal(y.sizes(), 2, 1, at::kDouble)).sum().backward();
      gradients.push_back(x.grad());
    }
    EXPECT_LT(ScaledDifference(gradients[0], gradients[1]), 1e-12);
  }
}

TEST(SlidingWindowTest, MaskedKeysTakeNoPart) {
  const at::Tensor q = RandomNormal({2, 2, 24, 4}, 1);
  const at::Tensor v = RandomNormal({2, 2, 24, 4}, 3);
  at::Tensor keep = ops::Full({2, 24}, 1, at::kBool, at::kCPU);
  keep.select(0, 0).narrow(0, 5, 4).fill_(false);
  keep.select(0, 1).narrow(0, 20, 4).fill_(false);
  SlidingWindow window(6);
  const at::Tensor output = window.Mix(window.Scores(q, q, keep).softmax(-1), v);
  EXPECT_LT(ScaledDifference(output, Banded(q, q, v, 6, keep)), 1e-5);
}

TEST(SlidingWindowTest, RowWithoutAnyKeyStaysFinite) {
  const at::Tensor q = RandomNormal({1, 1, 12, 4}, 1);
  const at::Tensor keep = ops::Full({1, 12}, 0, at::kBool, at::kCPU);
  SlidingWindow window(3);
  EXPECT_TRUE(window.Mix(window.Scores(q, q, keep).softmax(-1), q).isfinite().all().item<bool>());
}

}  // namespace
}  // namespace cusp::models
