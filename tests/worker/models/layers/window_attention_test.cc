#include "worker/models/layers/window_attention.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

constexpr AttentionShape kShape = {.hidden_size = 6, .heads = 2, .head_size = 3};
constexpr WindowCut kCut = {.height = 3, .width = 5, .window = 2, .shift = 1};

// One pair of patches at a time, on the rolled and filled-up map.
class WindowAttentionTest : public ::testing::Test {
 protected:
  void Keep(const ParameterStore& store) {
    for (const auto& [name, tensor] : store.tensors()) {
      tensor.add_(RandomNormal(tensor.sizes(), name.size(), 0.3));
      tensors_[name] = tensor;
    }
  }
  at::Tensor Project(const std::string& name, const at::Tensor& x) const {
    const at::Tensor y = x.matmul(tensors_.at("a." + name + ".weight").t());
    const auto bias = tensors_.find("a." + name + ".bias");
    return bias == tensors_.end() ? y : y.add(bias->second);
  }

  std::map<std::string, at::Tensor> tensors_;
};

TEST_F(WindowAttentionTest, TableIsAddedToScaledProducts) {
  ParameterStore store({.initializer_range = 0.5});
  const auto attention = MakeTableWindowAttention(store, "a", kShape, 2);
  Keep(store);
  const at::Tensor x = RandomNormal({1, 15, 6}, 1);
  const at::Tensor out = (*attention)(x, kCut, ShiftMask(kCut, at::kFloat, at::kCPU));
  // Patch (1, 1) shares its window, shifted by one, with (1, 2), (2, 1) and (2, 2).
  const int64_t own = 1 * 5 + 1;
  at::Tensor expected = ops::Full({6}, 0, at::kFloat, at::kCPU);
  const at::Tensor q = Project("query", x[0]);
  const at::Tensor k = Project("key", x[0]);
  const at::Tensor v = Project("value", x[0]);
  for (int64_t head = 0; head < 2; ++head) {
    std::vector<at::Tensor> scores;
    std::vector<at::Tensor> values;
    for (int64_t row = 0; row < 2; ++row) {
      for (int64_t column = 0; column < 2; ++column) {
        const int64_t other = (1 + row) * 5 + 1 + column;
        const int64_t offset = (1 - row) * 3 + 1 - column;
        scores.push_back(q[own]
                             .narrow(0, 3 * head, 3)
                             .mul(k[other].narrow(0, 3 * head, 3))
                             .sum()
                             .div(std::sqrt(3.0))
                             .add(tensors_.at("a.relative_position_bias_table")[offset][head])
                             .view({1}));
        values.push_back(v[other].narrow(0, 3 * head, 3).unsqueeze(0));
      }
    }
    expected.narrow(0, 3 * head, 3)
        .copy_(ops::Cat(scores, 0).softmax(0).matmul(ops::Cat(values, 0)));
  }
  EXPECT_LT(ScaledDifference(out[0][own].unsqueeze(0), expected.unsqueeze(0)), 1e-5);
}

TEST_F(WindowAttentionTest, SmallerWindowsUseTheMiddleOfTheTable) {
  ParameterStore store({.initializer_range = 0.5});
  const auto attention = MakeTableWindowAttention(store, "a", kShape, 4);
  Keep(store);
  ParameterStore small_store({.initializer_range = 0.5});
  const auto small = MakeTableWindowAttention(small_store, "a", kShape, 2);
  for (const auto& [name, tensor] : small_store.tensors()) {
    const at::Tensor& whole = tensors_.at(name);
    tensor.copy_(whole.sizes() == tensor.sizes()
                     ? whole
                     : whole.view({7, 7, 2}).narrow(0, 2, 3).narrow(1, 2, 3).reshape({9, 2}));
  }
  const WindowCut cut = {.height = 2, .width = 4, .window = 2};
  const at::Tensor x = RandomNormal({2, 8, 6}, 1);
  EXPECT_LT(ScaledDifference((*attention)(x, cut, {}), (*small)(x, cut, {})), 1e-6);
}

TEST_F(WindowAttentionTest, CosinesDoNotChangeWithLengths) {
  ParameterStore store({.initializer_range = 0.5});
  const auto attention = MakeCosineWindowAttention(store, "a", kShape, 3, 0);
  const WindowCut cut = {.height = 3, .width = 3, .window = 3};
  const at::Tensor x = RandomNormal({2, 9, 6}, 1);
  const at::Tensor before = (*attention)(x, cut, {});
  for (const auto& [name, tensor] : store.tensors()) {
    if (name == "a.query.weight" || name == "a.key.weight") {
      tensor.mul_(5);
    }
  }
  EXPECT_LT(ScaledDifference((*attention)(x, cut, {}), before), 1e-5);
}

}  // namespace
}  // namespace cusp::models
