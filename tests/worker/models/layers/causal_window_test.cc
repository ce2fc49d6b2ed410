#include "worker/models/layers/causal_window.h"

#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

// Each query alone with the keys that it sees.
at::Tensor OneByOne(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, int64_t window,
                    const at::Tensor& keep) {
  const int64_t before = k.size(2) - q.size(2);
  at::Tensor out = q.new_zeros({q.size(0), q.size(2), q.size(1) * q.size(3)});
  for (int64_t b = 0; b < q.size(0); ++b) {
    for (int64_t i = 0; i < q.size(2); ++i) {
      const int64_t first = std::max<int64_t>(0, before + i - window + 1);
      const int64_t seen = before + i + 1 - first;
      at::Tensor keys = k.select(0, b).narrow(1, first, seen);
      at::Tensor values = v.select(0, b).narrow(1, first, seen);
      if (keep.defined()) {
        const at::Tensor real = keep.select(0, b).narrow(0, first, seen).nonzero().view({-1});
        keys = keys.index_select(1, real);
        values = values.index_select(1, real);
      }
      AttentionCore core(AttentionBackend::kEager, 0);
      out.select(0, b).select(0, i).copy_(
          core(q.narrow(0, b, 1).narrow(2, i, 1), keys.unsqueeze(0), values.unsqueeze(0), {})
              .view({-1}));
    }
  }
  return out;
}

TEST(CausalWindowTest, EqualsEachQueryAlone) {
  for (const int64_t window : {1, 3, 8, 20}) {
    for (const int64_t block : {1, 4, 7, 64}) {
      const CausalWindow attention(window, block);
      for (const int64_t n : {21, 28}) {
        const at::Tensor q = RandomNormal({2, 4, n, 6}, 1, 1, at::kDouble);
        const at::Tensor k = RandomNormal({2, 2, n, 6}, 2, 1, at::kDouble);
        const at::Tensor v = RandomNormal({2, 2, n, 6}, 3, 1, at::kDouble);
        ASSERT_TRUE(attention.Cuts(n));
        AttentionCore core(AttentionBackend::kEager, 0);
        const at::Tensor mask = attention.Mask(n, 0, 2, {}, q.options());
        EXPECT_LT(ScaledDifference(attention(core, q, k, v, mask), OneByOne(q, k, v, window, {})),
                  1e-12)
            << "window " << window << " block " << block << " length " << n;
      }
    }
  }
}

TEST(CausalWindowTest, PaddingTakesNoPart) {
  const at::Tensor q = RandomNormal({2, 2, 30, 4}, 1, 1, at::kDouble);
  at::Tensor keep = ops::Full({2, 30}, 1, at::kBool, at::kCPU);
  keep.select(0, 0).narrow(0, 5, 3).fill_(0);
  keep.select(0, 1).narrow(0, 26, 4).fill_(0);
  const CausalWindow attention(9, 4);
  AttentionCore core(AttentionBackend::kEager, 0);
  const at::Tensor output = attention(core, q, q, q, attention.Mask(30, 0, 2, keep, q.options()));
  EXPECT_LT(ScaledDifference(output, OneByOne(q, q, q, 9, keep), keep), 1e-12);
}

TEST(CausalWindowTest, TokensBeforeAreSeen) {
  for (const int64_t before : {1, 5, 8}) {
    const at::Tensor k = RandomNormal({1, 1, before + 11, 4}, 1, 1, at::kDouble);
    const at::Tensor q = RandomNormal({1, 3, 11, 4}, 2, 1, at::kDouble);
    const CausalWindow attention(9, 4);
    AttentionCore core(AttentionBackend::kEager, 0);
    const at::Tensor mask = attention.Mask(11, before, 1, {}, q.options());
    EXPECT_LT(ScaledDifference(attention(core, q, k, k, mask), OneByOne(q, k, k, 9, {})), 1e-12)
        << before;
  }
}

TEST(CausalWindowTest, CutsBeyondTheWindowAlone) {
  EXPECT_FALSE(CausalWindow(5, 4).Cuts(5));
  EXPECT_TRUE(CausalWindow(5, 4).Cuts(6));
  EXPECT_FALSE(CausalWindow(0, 4).Cuts(1'000'000));
}

}  // namespace
}  // namespace cusp::models
