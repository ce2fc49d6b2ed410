#include "worker/models/layers/factored_linear.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

// Module by module.
at::Tensor ByDefinition(const ParameterStore& store, const at::Tensor& x) {
  const at::Tensor gates = store.tensors()[0].second;
  const at::Tensor weight = store.tensors()[1].second;
  std::vector<at::Tensor> modules;
  for (int64_t n = 0; n < gates.size(0); ++n) {
    modules.push_back(x.mul(gates.select(0, n)).matmul(weight.t()));
  }
  return ops::Cat(modules, -1).add(store.tensors()[2].second);
}

// Few tokens meet the narrow matrix, many the one it stands for.
TEST(FactoredLinearTest, EqualsItsDefinitionForFewTokensAndForMany) {
  for (const int64_t modules : {1, 2, 6}) {
    ParameterStore store({.dtype = at::kDouble, .initializer_range = 1});
    const FactoredLinear linear(store, "a", {.in = 5, .out = 12, .modules = modules});
    store.tensors()[2].second.normal_(0, 1, ops::CpuGenerator(1));
    for (const int64_t tokens : {1, 3, 5, 6, 7, 40}) {
      const at::Tensor x = RandomNormal({1, tokens, 5}, 2, 1, at::kDouble);
      EXPECT_LT(ScaledDifference(linear(x), ByDefinition(store, x)), 1e-12)
          << modules << " modules, " << tokens << " tokens";
    }
  }
}

TEST(FactoredLinearTest, RegistersFewerParametersThanAMatrix) {
  ParameterStore store({});
  const FactoredLinear linear(store, "a", {.in = 8, .out = 32, .modules = 4});
  ASSERT_EQ(store.tensors().size(), 3U);
  EXPECT_EQ(store.tensors()[0].first, "a.gates");
  EXPECT_EQ(store.tensors()[0].second.sizes(), at::IntArrayRef({4, 8}));
  EXPECT_EQ(store.tensors()[1].first, "a.weight");
  EXPECT_EQ(store.tensors()[1].second.sizes(), at::IntArrayRef({8, 8}));
  EXPECT_EQ(store.tensors()[2].first, "a.bias");
  EXPECT_EQ(store.tensors()[2].second.sizes(), at::IntArrayRef({32}));
}

}  // namespace
}  // namespace cusp::models
