#include "worker/models/layers/gated_feed_forward.h"

#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

TEST(GatedFeedForwardTest, GateMultipliesTheFeatures) {
  ParameterStore store({.initializer_range = 0.5});
  const GatedFeedForward layer(store, "mlp", {.hidden_size = 6, .intermediate_size = 9});
  ASSERT_EQ(store.tensors().size(), 3U);
  EXPECT_EQ(store.tensors()[0].first, "mlp.gate_proj.weight");
  EXPECT_EQ(store.tensors()[1].first, "mlp.up_proj.weight");
  EXPECT_EQ(store.tensors()[2].first, "mlp.down_proj.weight");
  const at::Tensor x = RandomNormal({2, 3, 6}, 1);
  const at::Tensor gate = x.matmul(store.tensors()[0].second.t());
  const at::Tensor up = x.matmul(store.tensors()[1].second.t());
  const at::Tensor expected =
      gate.mul(gate.sigmoid()).mul(up).matmul(store.tensors()[2].second.t());
  EXPECT_LT(ScaledDifference(layer(x), expected), 1e-5);
}

// The activation may overwrite what it reads, also where gradients are recorded.
TEST(GatedFeedForwardTest, OneMatrixHoldsGateAndFeatures) {
  for (const Activation activation : {Activation::kGelu, Activation::kRelu, Activation::kSilu}) {
    for (const bool training : {false, true}) {
      const ParameterStoreOptions options = {.initializer_range = 0.5, .training = training};
      ParameterStore two(options);
      const GatedFeedForward apart(
          two, "mlp", {.hidden_size = 6, .intermediate_size = 9, .activation = activation});
      ParameterStore one(options);
      const GatedFeedForward together(one, "mlp",
                                      {.hidden_size = 6,
                                       .intermediate_size = 9,
                                       .activation = activation,
                                       .down = "Wo",
                                       .gate_and_up = "Wi"});
      ASSERT_EQ(one.tensors().size(), 2U);
      EXPECT_EQ(one.tensors()[0].first, "mlp.Wi.weight");
      at::Tensor both = one.tensors()[0].second.detach();
      both.narrow(0, 0, 9).copy_(two.tensors()[0].second.detach());
      both.narrow(0, 9, 9).copy_(two.tensors()[1].second.detach());
      one.tensors()[1].second.detach().copy_(two.tensors()[2].second.detach());
      const at::Tensor x = RandomNormal({2, 3, 6}, 1);
      EXPECT_LT(ScaledDifference(together(x), apart(x)), 1e-6);
      if (training) {
        together(x).square().sum().backward();
        apart(x).square().sum().backward();
        EXPECT_LT(ScaledDifference(one.tensors()[0].second.grad().narrow(0, 9, 9),
                                   two.tensors()[1].second.grad()),
                  1e-5);
      }
    }
  }
}

TEST(GatedFeedForwardTest, NamesAndBiasesAreThoseAskedFor) {
  ParameterStore store({});
  const GatedFeedForward layer(store, "ff",
                               {.hidden_size = 4,
                                .intermediate_size = 5,
                                .activation = Activation::kGeluTanh,
                                .linear = {.bias = true},
                                .gate = "wi_0",
                                .up = "wi_1",
                                .down = "wo"});
  ASSERT_EQ(store.tensors().size(), 6U);
  EXPECT_EQ(store.tensors()[0].first, "ff.wi_0.weight");
  EXPECT_EQ(store.tensors()[3].first, "ff.wi_1.bias");
  EXPECT_EQ(store.tensors()[4].first, "ff.wo.weight");
}

}  // namespace
}  // namespace cusp::models
