#include "worker/models/layers/query_key_value.h"

#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

TEST(QueryKeyValueTest, RegistersThreeProjectionsInOrder) {
  ParameterStore store({.initializer_range = 0.5});
  const QueryKeyValue qkv(store, "self", {.hidden_size = 6, .heads = 2, .head_size = 4});
  ASSERT_EQ(store.tensors().size(), 6U);
  EXPECT_EQ(store.tensors()[0].first, "self.query.weight");
  EXPECT_EQ(store.tensors()[2].first, "self.key.weight");
  EXPECT_EQ(store.tensors()[4].first, "self.value.weight");
  const at::Tensor x = RandomNormal({2, 5, 6}, 1);
  const auto [q, k, v] = qkv.InHeads(x);
  EXPECT_EQ(q.sizes(), at::IntArrayRef({2, 2, 5, 4}));
  EXPECT_TRUE(k.equal(qkv.Heads(qkv(x).k)));
  EXPECT_LT(ScaledDifference(qkv(x).v, x.matmul(store.tensors()[4].second.t())), 1e-5);
}

}  // namespace
}  // namespace cusp::models
