#include "worker/models/layers/causal_convolution.h"

#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

TEST(CausalConvolutionTest, SumsTheTokensBefore) {
  ParameterStore store({});
  const CausalConvolution convolution(store, "conv1d", {.channels = 3, .taps = 4});
  ASSERT_EQ(store.tensors().size(), 2U);
  EXPECT_EQ(store.tensors()[0].first, "conv1d.weight");
  EXPECT_EQ(store.tensors()[0].second.sizes(), at::IntArrayRef({3, 1, 4}));
  at::Tensor bias = store.tensors()[1].second;
  bias.copy_(RandomNormal({3}, 2));
  const at::Tensor x = RandomNormal({2, 6, 3}, 1);
  const at::Tensor y = convolution(x, nullptr);
  const auto in = x.accessor<float, 3>();
  const auto out = y.accessor<float, 3>();
  const auto weight = store.tensors()[0].second.accessor<float, 3>();
  for (int64_t b = 0; b < 2; ++b) {
    for (int64_t t = 0; t < 6; ++t) {
      for (int64_t c = 0; c < 3; ++c) {
        float sum = bias.data_ptr<float>()[c];
        for (int64_t k = 0; k < 4; ++k) {
          sum += t + k >= 3 ? weight[c][0][k] * in[b][t + k - 3][c] : 0;
        }
        EXPECT_NEAR(out[b][t][c], sum, 1e-5);
      }
    }
  }
}

TEST(CausalConvolutionTest, PiecesEqualTheWhole) {
  for (const int64_t taps : {1, 2, 4}) {
    ParameterStore store({});
    const CausalConvolution convolution(store, "conv1d", {.channels = 3, .taps = taps});
    const at::Tensor x = RandomNormal({2, 9, 3}, 1);
    const at::Tensor whole = convolution(x, nullptr);
    at::Tensor before;
    int64_t at = 0;
    for (const int64_t piece : {1, 1, 5, 2}) {
      EXPECT_LT(ScaledDifference(convolution(x.narrow(1, at, piece), &before),
                                 whole.narrow(1, at, piece)),
                1e-6);
      at += piece;
    }
  }
}

}  // namespace
}  // namespace cusp::models
