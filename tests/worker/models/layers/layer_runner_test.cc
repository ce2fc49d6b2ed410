#include "worker/models/layers/layer_runner.h"

#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/linear.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

class LayerRunnerTest : public ::testing::Test {
 protected:
  static ParameterStoreOptions Options(bool checkpointing) {
    return {.dtype = at::kDouble, .training = true, .checkpointing = checkpointing};
  }

  ParameterStore store_{Options(true)};
  Linear linear_{store_, "linear", 6, 6};
  LayerRunner run_{store_};
};

TEST_F(LayerRunnerTest, LayersRunAgainOnlyForGradients) {
  int calls = 0;
  const auto layer = [&calls](const at::Tensor& x) {
    ++calls;
    return x.mul(2);
  };
  at::Tensor x = RandomNormal({3}, 1, 1, at::kDouble).requires_grad_(true);
  {
    const c10::InferenceMode guard;
    run_(x, layer);
  }
  EXPECT_EQ(calls, 1);
  const at::Tensor y = run_(x, layer);
  EXPECT_EQ(calls, 2);
  y.sum().backward();
  EXPECT_EQ(calls, 3);
  const ParameterStore plain(Options(false));
  const LayerRunner run_once(plain);
  run_once(x, layer).sum().backward();
  EXPECT_EQ(calls, 4);
}

TEST_F(LayerRunnerTest, GradientsReachParametersAndEveryInput) {
  const at::Tensor x = RandomNormal({2, 6}, 1, 1, at::kDouble);
  const auto layer = [this](const std::vector<at::Tensor>& inputs) {
    EXPECT_FALSE(inputs[2].defined());
    return linear_(inputs[0]).mul(inputs[1]).exp();
  };
  std::vector<at::Tensor> gradients[2];
  for (const bool recomputed : {false, true}) {
    at::Tensor first = x.clone().requires_grad_(true);
    at::Tensor second = x.clone().requires_grad_(true);
    // No leaf: the pass that made it must not run backwards twice.
    const std::vector<at::Tensor> inputs = {first, second.tanh(), {}};
    const at::Tensor y = recomputed ? run_(inputs, layer) : layer(inputs);
    y.square().sum().backward();
    gradients[recomputed ? 1 : 0] = {first.grad(), second.grad()};
    for (const at::Tensor& parameter : store_.parameters()) {
      gradients[recomputed ? 1 : 0].push_back(parameter.grad().clone());
      parameter.grad().zero_();
    }
  }
  for (size_t i = 0; i < gradients[0].size(); ++i) {
    EXPECT_TRUE(gradients[1][i].equal(gradients[0][i])) << i;
  }
}

TEST_F(LayerRunnerTest, DropoutIsDrawnAgainAsItWas) {
  at::Tensor x = ops::Full({1000}, 1, at::kDouble, at::kCPU).requires_grad_(true);
  const at::Tensor y = run_(x, [](const at::Tensor& in) { return ops::Dropout(in, 0.5); });
  // What came after may have drawn, too.
  const at::Tensor later = ops::Dropout(x, 0.5);
  y.sum().backward();
  EXPECT_TRUE(x.grad().equal(y.detach()));
  EXPECT_FALSE(ops::Dropout(x, 0.5).equal(later));
}

TEST_F(LayerRunnerTest, InputsAloneAreKept) {
  const at::Tensor x = RandomNormal({1000, 6}, 1, 1, at::kDouble).requires_grad_(true);
  const auto layer = [this](const at::Tensor& in) {
    return linear_(linear_(linear_(in).exp()).exp()).exp();
  };
  const int64_t output = x.numel() * 8;
  EXPECT_LT(KeptBytes([&] { return run_(x, layer); }), output + 10'000);
  EXPECT_GE(KeptBytes([&] { return layer(x); }), 3 * output);
}

}  // namespace
}  // namespace cusp::models
