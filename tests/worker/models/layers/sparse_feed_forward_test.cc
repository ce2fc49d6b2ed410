#include "worker/models/layers/sparse_feed_forward.h"

#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

constexpr int64_t kBlock = 4;

SparseFeedForwardOptions Options(double hard_probability) {
  return {.hidden_size = 6,
          .intermediate_size = 12,
          .block = kBlock,
          .rank = 2,
          .hard_probability = hard_probability};
}

struct Part {
  explicit Part(const SparseFeedForwardOptions& options, bool training = false)
      : store({.dtype = at::kDouble, .training = training}), feed_forward(store, "f", options) {
    for (const auto& [name, tensor] : store.tensors()) {
      tensor.detach().normal_(0, 1, ops::CpuGenerator(name.size()));
      tensors[name] = tensor;
    }
  }

  at::Tensor Run(const at::Tensor& x) const { return feed_forward(x, feed_forward.DrawHard()); }

  // Scores of every unit, [n, blocks, units].
  at::Tensor Scores(const at::Tensor& x) const {
    return x.matmul(tensors.at("f.controller.down.weight").t())
        .matmul(tensors.at("f.controller.up.weight").t())
        .add(tensors.at("f.controller.up.bias"))
        .view({-1, 3, kBlock});
  }
  // Every unit, before anything weighs it: [n, blocks, units].
  at::Tensor Units(const at::Tensor& x) const {
    return x.matmul(tensors.at("f.up.weight").t()).view({-1, 3, kBlock});
  }
  at::Tensor Output(const at::Tensor& weighed) const {
    return weighed.relu()
        .view({-1, 12})
        .matmul(tensors.at("f.down.weight"))
        .add(tensors.at("f.down.bias"));
  }

  ParameterStore store;
  SparseFeedForward feed_forward;
  std::map<std::string, at::Tensor> tensors;
};

at::Tensor Input(int64_t tokens) { return RandomNormal({1, tokens, 6}, 7, 1, at::kDouble); }

// 1 for the best unit of each block, else 0.
at::Tensor BestOf(const at::Tensor& scores) {
  return scores.ge(scores.amax(-1, /*keepdim=*/true)).to(at::kDouble);
}

TEST(SparseFeedForwardTest, InferenceUsesTheBestUnitOfEachBlock) {
  const Part part(Options(1));
  for (const int64_t tokens : {1, 2, 30}) {
    const at::Tensor x = Input(tokens);
    const at::Tensor flat = x.squeeze(0);
    const at::Tensor expected = part.Output(part.Units(flat).mul(BestOf(part.Scores(flat))));
    EXPECT_LT(ScaledDifference(part.Run(x).squeeze(0), expected), 1e-12);
  }
}

TEST(SparseFeedForwardTest, SoftTrainingWeighsEveryUnit) {
  const Part part(Options(0), /*training=*/true);
  const at::Tensor x = Input(9);
  const at::Tensor flat = x.squeeze(0);
  const at::Tensor expected = part.Output(part.Units(flat).mul(part.Scores(flat).softmax(-1)));
  EXPECT_LT(ScaledDifference(part.Run(x).squeeze(0).detach(), expected.detach()), 1e-12);
}

TEST(SparseFeedForwardTest, HardTrainingWithoutNoiseGivesWhatInferenceGives) {
  const Part training(Options(1), /*training=*/true);
  const Part inference(Options(1));
  const at::Tensor x = Input(9);
  EXPECT_LT(ScaledDifference(training.Run(x).detach(), inference.Run(x)), 1e-12);
}

// Chosen as it is, each weight has the gradient of the softmax: p (g - sum of p g), where g
// is what the output would gain by the weight.
TEST(SparseFeedForwardTest, ChoicesHaveTheSoftmaxsGradient) {
  const Part part(Options(1), /*training=*/true);
  const at::Tensor x = Input(9);
  const at::Tensor direction = RandomNormal({9, 6}, 8, 1, at::kDouble);
  part.Run(x).squeeze(0).mul(direction).sum().backward();
  const c10::InferenceMode guard;
  const at::Tensor flat = x.squeeze(0);
  const at::Tensor units = part.Units(flat);
  const at::Tensor open = BestOf(part.Scores(flat)).mul(units.gt(0));
  const at::Tensor gain = direction.matmul(part.tensors.at("f.down.weight").t())
                              .view(units.sizes())
                              .mul(units)
                              .mul(open);
  const at::Tensor soft = part.Scores(flat).softmax(-1);
  const at::Tensor expected = soft.mul(gain.sub(soft.mul(gain).sum(-1, true))).sum(0).flatten();
  EXPECT_LT(ScaledDifference(part.tensors.at("f.controller.up.bias").grad(), expected), 1e-12);
}

TEST(SparseFeedForwardTest, NoiseTriesOtherUnits) {
  SparseFeedForwardOptions options = Options(1);
  options.temperature = 100;
  const Part part(options, /*training=*/true);
  const at::Tensor x = Input(9);
  EXPECT_FALSE(part.Run(x).equal(part.Run(x)));
}

TEST(SparseFeedForwardTest, SomeStepsAreHard) {
  const Part part(Options(0.5), /*training=*/true);
  const at::Tensor x = Input(9);
  const at::Tensor hard = Part(Options(1), true).Run(x).detach();
  int count = 0;
  for (int step = 0; step < 40; ++step) {
    count += ScaledDifference(part.Run(x).detach(), hard) < 1e-12 ? 1 : 0;
  }
  EXPECT_GT(count, 5);
  EXPECT_LT(count, 35);
}

}  // namespace
}  // namespace cusp::models
