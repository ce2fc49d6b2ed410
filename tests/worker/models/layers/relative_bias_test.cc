#include "worker/models/layers/relative_bias.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

std::vector<int64_t> Buckets(const RelativeBiasOptions& options, int64_t from, int64_t count) {
  const at::Tensor buckets = RelativeBuckets(ops::Arange(count, at::kCPU).add(from), options);
  const int64_t* values = buckets.data_ptr<int64_t>();
  return {values, values + count};
}

// Worked out by hand from the paper: four buckets a direction, two of them exact.
TEST(RelativeBiasTest, BucketsWidenWithTheDistance) {
  const RelativeBiasOptions both = {.heads = 1, .buckets = 8, .max_distance = 8};
  EXPECT_EQ(Buckets(both, 0, 10), (std::vector<int64_t>{0, 5, 6, 6, 7, 7, 7, 7, 7, 7}));
  EXPECT_EQ(Buckets(both, -9, 10), (std::vector<int64_t>{3, 3, 3, 3, 3, 3, 2, 2, 1, 0}));
}

TEST(RelativeBiasTest, CausalBucketsKnowNoLaterTokens) {
  const RelativeBiasOptions back = {
      .heads = 1, .buckets = 4, .max_distance = 8, .bidirectional = false};
  EXPECT_EQ(Buckets(back, -9, 13), (std::vector<int64_t>{3, 3, 3, 3, 3, 3, 2, 2, 1, 0, 0, 0, 0}));
}

TEST(RelativeBiasTest, EachPairGetsTheBiasOfItsDistance) {
  ParameterStore store({.initializer_range = 0.5});
  const RelativeBiasOptions options = {.heads = 3, .buckets = 8, .max_distance = 8};
  const RelativeBias bias(store, "SelfAttention", options);
  EXPECT_EQ(store.tensors()[0].first, "SelfAttention.relative_attention_bias.weight");
  const at::Tensor table = store.tensors()[0].second;
  const int64_t before = 4;
  const at::Tensor all = bias(5, before);
  ASSERT_EQ(all.sizes(), at::IntArrayRef({1, 3, 5, 9}));
  for (int64_t i = 0; i < 5; ++i) {
    for (int64_t j = 0; j < 9; ++j) {
      const int64_t bucket = Buckets(options, j - before - i, 1)[0];
      EXPECT_TRUE(all.select(0, 0).select(1, i).select(1, j).equal(table.select(0, bucket)));
    }
  }
}

}  // namespace
}  // namespace cusp::models
