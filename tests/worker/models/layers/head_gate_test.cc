#include "worker/models/layers/head_gate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

TEST(HeadGateTest, NormsEveryHeadAndGatesTheWhole) {
  ParameterStore store({.dtype = at::kDouble, .initializer_range = 0.5});
  const HeadGate gate(store, "a", {.hidden_size = 6, .heads = 2, .head_size = 4}, 1e-3);
  const at::Tensor weight = store.tensors()[0].second;
  const at::Tensor bias = store.tensors()[1].second;
  EXPECT_EQ(store.tensors()[0].first, "a.gate.weight");
  bias.fill_(0.3);
  const at::Tensor x = RandomNormal({3, 5, 6}, 1, 1, at::kDouble);
  const at::Tensor o = RandomNormal({3, 2, 5, 4}, 2, 1, at::kDouble);
  const at::Tensor output = gate(o, x);
  const at::Tensor swish = x.matmul(weight.t()).add(bias);
  for (int64_t h = 0; h < 2; ++h) {
    const at::Tensor scaled = o.select(1, h).div(2);  // the root of d_h
    const at::Tensor centred = scaled.sub(scaled.mean(-1, true));
    const at::Tensor expected = centred.div(centred.square().mean(-1, true).add(1e-3).sqrt())
                                    .mul(swish.mul(swish.sigmoid()).narrow(2, 4 * h, 4));
    EXPECT_LT(ScaledDifference(output.narrow(2, 4 * h, 4), expected), 1e-12);
  }
}

}  // namespace
}  // namespace cusp::models
