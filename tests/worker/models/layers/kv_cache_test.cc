#include "worker/models/layers/kv_cache.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

TEST(KvCacheTest, HoldsEverythingInOrder) {
  const at::Tensor k = RandomNormal({2, 3, 150, 4}, 1);
  const at::Tensor v = RandomNormal({2, 3, 150, 4}, 2);
  KvCache cache;
  int64_t at = 0;
  for (const int64_t piece : {1, 1, 60, 3, 85}) {
    cache.Append(k.narrow(2, at, piece), v.narrow(2, at, piece));
    at += piece;
    EXPECT_TRUE(cache.keys().equal(k.narrow(2, 0, at)));
    EXPECT_TRUE(cache.values().equal(v.narrow(2, 0, at)));
  }
}

TEST(KvCacheTest, WindowKeepsWhatTheFirstNewTokenSees) {
  const at::Tensor k = RandomNormal({1, 1, 300, 4}, 1);
  KvCache cache(/*window=*/5);
  for (int64_t i = 0; i < 300; ++i) {
    cache.Append(k.narrow(2, i, 1), k.narrow(2, i, 1));
    const int64_t kept = std::min<int64_t>(i + 1, 5);
    ASSERT_EQ(cache.length(), kept);
    ASSERT_TRUE(cache.keys().equal(k.narrow(2, i + 1 - kept, kept)));
  }
}

TEST(KvCacheTest, TellsWhatTheNextTokensWillFind) {
  const at::Tensor k = RandomNormal({1, 1, 20, 4}, 1);
  KvCache cache(/*window=*/5);
  EXPECT_EQ(cache.kept(), 0);
  cache.Append(k.narrow(2, 0, 3), k.narrow(2, 0, 3));
  EXPECT_EQ(cache.kept(), 3);
  cache.Append(k.narrow(2, 3, 9), k.narrow(2, 3, 9));
  EXPECT_EQ(cache.length(), 12);
  EXPECT_EQ(cache.kept(), 4);
  cache.Append(k.narrow(2, 12, 2), k.narrow(2, 12, 2));
  EXPECT_TRUE(cache.keys().equal(k.narrow(2, 8, 6)));
}

TEST(KvCacheTest, WindowDoesNotGrowWithTheSequence) {
  const at::Tensor k = RandomNormal({1, 1, 1, 4}, 1);
  KvCache cache(/*window=*/5);
  for (int i = 0; i < 10'000; ++i) {
    cache.Append(k, k);
  }
  EXPECT_LE(cache.keys().storage().nbytes(), 128 * 4 * sizeof(float));
}

}  // namespace
}  // namespace cusp::models
