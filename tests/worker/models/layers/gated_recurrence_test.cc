#include "worker/models/layers/gated_recurrence.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

constexpr AttentionShape kShape = {.hidden_size = 6, .heads = 2, .head_size = 3};

// Queries, keys and values are the input itself, turned by how many tokens came before.
RecurrenceTerms Terms(const at::Tensor& x, int64_t before) {
  const at::Tensor heads = x.view({x.size(0), x.size(1), 2, 3}).transpose(1, 2);
  const at::Tensor place = ops::Arange(x.size(1), at::kCPU).add(before).view({1, 1, -1, 1});
  const at::Tensor decay = ops::Full({1, 2, 1, 1}, -0.25, at::kDouble, at::kCPU);
  return {heads, heads.mul(place.to(at::kDouble).cos()), heads, decay};
}

class GatedRecurrenceTest : public ::testing::Test {
 protected:
  GatedRecurrence Layer(int64_t chunk) { return {Terms, gate_, chunk}; }

  ParameterStore store_{{.dtype = at::kDouble, .initializer_range = 0.5}};
  HeadGate gate_{store_, "a", kShape, 1e-5};
  at::Tensor x_ = RandomNormal({2, 11, 6}, 1, 1, at::kDouble);
};

TEST_F(GatedRecurrenceTest, GatesTheRecurrenceOfItsTerms) {
  const at::Tensor expected = gate_(LinearRecurrence(Terms(x_, 0), 11), x_);
  EXPECT_LT(ScaledDifference(Layer(4).Forward(x_, {}), expected), 1e-11);
}

TEST_F(GatedRecurrenceTest, PaddingAddsNothing) {
  SequenceMask mask;
  mask.keep = ops::Full({2, 11}, 1, at::kBool, at::kCPU);
  mask.keep.narrow(1, 3, 2).fill_(false);
  at::Tensor other = x_.clone();
  other.narrow(1, 3, 2).fill_(7);
  const at::Tensor mine = Layer(4).Forward(x_, mask);
  const at::Tensor theirs = Layer(4).Forward(other, mask);
  EXPECT_LT(ScaledDifference(mine.narrow(1, 5, 6), theirs.narrow(1, 5, 6)), 1e-11);
  EXPECT_GT(ScaledDifference(mine, Layer(4).Forward(x_, {})), 0.01);
}

TEST_F(GatedRecurrenceTest, TermsAreToldHowManyTokensCameBefore) {
  GatedRecurrence layer = Layer(4);
  const at::Tensor whole = layer.Forward(x_, {});
  const auto state = layer.NewState();
  int64_t at = 0;
  for (const int64_t piece : {1, 6, 1, 3}) {
    EXPECT_LT(
        ScaledDifference(layer.Extend(x_.narrow(1, at, piece), *state), whole.narrow(1, at, piece)),
        1e-11);
    at += piece;
  }
}

}  // namespace
}  // namespace cusp::models
