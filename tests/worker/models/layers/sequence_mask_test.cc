#include "worker/models/layers/sequence_mask.h"

#include <gtest/gtest.h>

#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

const at::Tensor& Ids() {
  static const auto* const kIds = new at::Tensor(ops::Full({2, 5}, 3, at::kLong, at::kCPU));
  return *kIds;
}

TEST(SequenceMaskTest, NoMaskAndOnesLeaveItUndefined) {
  EXPECT_FALSE(MakeSequenceMask(Ids(), {}, 0, at::kFloat).keep.defined());
  EXPECT_FALSE(MakeSequenceMask(Ids(), ops::Full({2, 5}, 1, at::kLong, at::kCPU), 0, at::kFloat)
                   .additive.defined());
}

TEST(SequenceMaskTest, PaddingIsMasked) {
  const SequenceMask mask = MakeSequenceMask(Ids(), {}, 3, at::kFloat);
  EXPECT_EQ(mask.length, 8);
  EXPECT_TRUE(mask.keep.narrow(1, 0, 5).all().item<bool>());
  EXPECT_FALSE(mask.keep.narrow(1, 5, 3).any().item<bool>());
  EXPECT_EQ(mask.additive.sizes(), at::IntArrayRef({2, 1, 1, 8}));
  EXPECT_LT(mask.additive.narrow(3, 5, 3).max().item<float>(), -1e30);
}

TEST(SequenceMaskTest, TwoMasksAndAScoreStayFinite) {
  for (const auto dtype : {at::kFloat, at::kDouble, at::kBFloat16, at::kHalf}) {
    const at::Tensor value = ops::Full({1}, MaskValue(dtype), dtype, at::kCPU);
    EXPECT_TRUE(value.add(value).sub(100).isfinite().item<bool>()) << toString(dtype);
    EXPECT_EQ(value.add(100).exp().item<float>(), 0) << toString(dtype);
  }
}

}  // namespace
}  // namespace cusp::models
