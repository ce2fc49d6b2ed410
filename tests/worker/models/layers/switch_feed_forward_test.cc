#include "worker/models/layers/switch_feed_forward.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

constexpr SwitchFeedForwardOptions kOptions = {
    .expert = {.hidden_size = 6, .intermediate_size = 9}, .experts = 4, .router_bias = true};

// Token by token: softmax, the largest, its expert, times its probability.
at::Tensor ByDefinition(const ParameterStore& store, const at::Tensor& x) {
  std::map<std::string, at::Tensor> tensors(store.tensors().begin(), store.tensors().end());
  at::Tensor y = x.clone();
  for (int64_t b = 0; b < x.size(0); ++b) {
    for (int64_t t = 0; t < x.size(1); ++t) {
      const at::Tensor token = x.select(0, b).select(0, t);
      const at::Tensor p = tensors.at("a.router.classifier.weight")
                               .matmul(token)
                               .add(tensors.at("a.router.classifier.bias"))
                               .softmax(0);
      const int64_t expert = p.argmax().item<int64_t>();
      const std::string name = "a.experts.expert_" + std::to_string(expert);
      const at::Tensor inner = tensors.at(name + ".wi.weight").matmul(token).clamp_min(0);
      y.select(0, b).select(0, t).copy_(
          tensors.at(name + ".wo.weight").matmul(inner).mul(p.select(0, expert)));
    }
  }
  return y;
}

TEST(SwitchFeedForwardTest, TokensTakeTheExpertOfTheLargestProbability) {
  ParameterStore store({.dtype = at::kDouble, .initializer_range = 0.5});
  const SwitchFeedForward layer(store, "a", kOptions);
  ASSERT_EQ(store.tensors().size(), 2U + 2U * 4U);
  store.tensors()[1].second.copy_(RandomNormal({4}, 3));
  for (const int64_t length : {1, 2, 17}) {
    const at::Tensor x = RandomNormal({3, length, 6}, 1, 1, at::kDouble);
    EXPECT_LT(ScaledDifference(layer(x), ByDefinition(store, x)), 1e-12) << length;
  }
}

TEST(SwitchFeedForwardTest, NoTokenIsDroppedHoweverManyTakeOneExpert) {
  ParameterStore store({.initializer_range = 0.5});
  SwitchFeedForwardOptions options = kOptions;
  options.expert.activation = Activation::kTanh;  // 0 at 0 alone
  const SwitchFeedForward layer(store, "a", options);
  store.tensors()[1].second.select(0, 2).fill_(100);
  const at::Tensor y = layer(RandomNormal({2, 200, 6}, 1));
  EXPECT_GT(y.abs().amax(-1).min().item<double>(), 0);
}

// 8 (1.003 - 0.5) against 8 * 0.502: with eight bits that is 8 (1 - 0.5) against 8 * 0.504.
TEST(SwitchFeedForwardTest, RouterComputesInItsOwnType) {
  SwitchFeedForwardOptions options = kOptions;
  options.experts = 2;
  std::vector<at::Tensor> outputs;
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    ParameterStore store({.initializer_range = 0.5});
    options.router_dtype = dtype;
    const SwitchFeedForward layer(store, "a", options);
    const at::Tensor router = store.tensors()[0].second.zero_();
    router.select(0, 0).select(0, 0).fill_(8);
    router.select(0, 0).select(0, 1).fill_(-8);
    router.select(0, 1).select(0, 2).fill_(8);
    at::Tensor x = ops::Full({1, 1, 6}, 0.5, at::kFloat, at::kCPU);
    x.select(2, 0).fill_(1.003);
    x.select(2, 2).fill_(0.502);
    outputs.push_back(layer(x));
    EXPECT_EQ(outputs.back().scalar_type(), at::kFloat);
  }
  EXPECT_GT(ScaledDifference(outputs[1], outputs[0]), 1e-3);
}

TEST(SwitchFeedForwardTest, NoiseReachesTheRouterAlone) {
  SwitchFeedForwardOptions options = kOptions;
  options.experts = 1;
  std::vector<at::Tensor> outputs;
  for (const double jitter : {0.0, 0.5}) {
    ParameterStore store({.initializer_range = 0.5});
    options.jitter = jitter;
    outputs.push_back(SwitchFeedForward(store, "a", options)(RandomNormal({2, 5, 6}, 1)));
  }
  // With one expert its probability is 1, whatever the router hears.
  EXPECT_LT(ScaledDifference(outputs[1], outputs[0]), 1e-6);
  options.experts = 4;
  ParameterStore store({.initializer_range = 0.5});
  const SwitchFeedForward noisy(store, "a", options);
  const at::Tensor x = RandomNormal({2, 5, 6}, 1);
  EXPECT_GT(ScaledDifference(noisy(x), noisy(x)), 1e-6);
}

}  // namespace
}  // namespace cusp::models
