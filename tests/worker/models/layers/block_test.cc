#include "worker/models/layers/block.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

constexpr double kEps = 1e-3;

class BlockTest : public ::testing::TestWithParam<NormPlace> {
 protected:
  static at::Tensor Attend(const at::Tensor& x) { return x.mul(0.5).add(1); }

  at::Tensor Linear(const std::string& name, const at::Tensor& x) const {
    return x.matmul(tensors_.at(name + ".weight").t()).add(tensors_.at(name + ".bias"));
  }
  at::Tensor Norm(const std::string& name, const at::Tensor& x) const {
    const at::Tensor centred = x.sub(x.mean(-1, true));
    const at::Tensor deviation = centred.square().mean(-1, true).add(kEps).sqrt();
    return centred.div(deviation)
        .mul(tensors_.at(name + ".weight"))
        .add(tensors_.at(name + ".bias"));
  }
  // x + f(x) with the norm where it belongs.
  template <typename Branch>
  at::Tensor Around(const std::string& norm, const at::Tensor& x, Branch branch) const {
    switch (GetParam()) {
      case NormPlace::kAfter:
        return Norm(norm, x.add(branch(x)));
      case NormPlace::kBefore:
        return x.add(branch(Norm(norm, x)));
      case NormPlace::kOnBranch:
        break;
    }
    return x.add(Norm(norm, branch(x)));
  }

  std::map<std::string, at::Tensor> tensors_;
};

TEST_P(BlockTest, NormsStandWhereTheyShould) {
  ParameterStore store({.initializer_range = 0.5});
  const Block block(store, "b",
                    {.hidden_size = 6,
                     .attention_size = 6,
                     .intermediate_size = 10,
                     .activation = Activation::kRelu,
                     .layer_norm_eps = kEps,
                     .norm = GetParam(),
                     .names = {.attention_norm = "first", .feed_forward_norm = "second"}});
  for (const auto& [name, tensor] : store.tensors()) {
    tensor.add_(RandomNormal(tensor.sizes(), name.size(), 0.2));
    tensors_[name] = tensor;
  }
  const at::Tensor x = RandomNormal({2, 5, 6}, 1);
  const at::Tensor before = x.clone();
  const at::Tensor middle = Around("b.first", x, [&](const at::Tensor& y) {
    return Linear("b.attention.output.dense", Attend(y));
  });
  const at::Tensor expected = Around("b.second", middle, [&](const at::Tensor& y) {
    return Linear("b.output.dense", Linear("b.intermediate.dense", y).relu());
  });
  EXPECT_LT(ScaledDifference(block(x, Attend), expected), 1e-5);
  EXPECT_TRUE(x.equal(before));
}

TEST_P(BlockTest, SamplesDoWithoutBranches) {
  ParameterStore store({.initializer_range = 0.5});
  BlockOptions options = {.hidden_size = 6,
                          .attention_size = 6,
                          .intermediate_size = 10,
                          .layer_norm_eps = kEps,
                          .norm = GetParam()};
  const at::Tensor x = RandomNormal({1, 5, 6}, 1).expand({200, 5, 6});
  const auto kinds = [&] {
    // Norms leave every plain sum as it was.
    const at::Tensor sums =
        Block(store, "b", options)(x, Attend).matmul(RandomNormal({6}, 2)).sum(-1);
    std::map<int64_t, int> count;
    for (int64_t i = 0; i < sums.size(0); ++i) {
      ++count[std::llround(sums[i].item<double>() * 1000)];
    }
    return count;
  };
  EXPECT_EQ(kinds().size(), 1U);
  options.attention_drop_path = 0.5;
  EXPECT_EQ(kinds().size(), 2U);
  options.feed_forward_drop_path = 0.5;
  EXPECT_EQ(kinds().size(), 4U);
}

INSTANTIATE_TEST_SUITE_P(EveryPlace, BlockTest,
                         ::testing::Values(NormPlace::kAfter, NormPlace::kBefore,
                                           NormPlace::kOnBranch));

}  // namespace
}  // namespace cusp::models
