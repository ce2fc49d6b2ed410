#include "worker/models/layers/taken_rows.h"

#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

at::Tensor RandomOrder(int64_t count) { return RandomNormal({count}, 7).argsort(); }

TEST(TakenRowsTest, InverseUndoesAPermutation) {
  const at::Tensor order = RandomOrder(23);
  const at::Tensor x = RandomNormal({23, 4}, 1);
  const at::Tensor inverse = InversePermutation(order);
  EXPECT_TRUE(TakeRows(TakeRows(x, order, inverse), inverse, order).equal(x));
}

// Each row once, or three times.
TEST(TakenRowsTest, ValuesAndGradientsAreThoseOfASelection) {
  for (const int64_t times : {1, 3}) {
    const at::Tensor slots = RandomOrder(11 * times);
    const at::Tensor order = slots.floor_divide(times);
    const at::Tensor x = RandomNormal({11, 4}, 1, 1, at::kDouble).requires_grad_();
    const at::Tensor plain = x.detach().clone().requires_grad_();
    const at::Tensor direction = RandomNormal({11 * times, 4}, 2, 1, at::kDouble);
    const at::Tensor taken = TakeRows(x, order, InversePermutation(slots));
    EXPECT_TRUE(taken.equal(plain.index_select(0, order)));
    taken.mul(direction).sum().backward();
    plain.index_select(0, order).mul(direction).sum().backward();
    EXPECT_LT(ScaledDifference(x.grad(), plain.grad()), 1e-12) << times;
  }
}

TEST(TakenRowsTest, RunsWithoutGradients) {
  const c10::InferenceMode guard;
  const at::Tensor order = RandomOrder(5);
  const at::Tensor x = RandomNormal({5, 2}, 1);
  EXPECT_TRUE(TakeRows(x, order, InversePermutation(order)).equal(x.index_select(0, order)));
}

}  // namespace
}  // namespace cusp::models
