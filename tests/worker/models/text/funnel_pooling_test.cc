#include "worker/models/text/funnel_pooling.h"

#include <gtest/gtest.h>

#include <vector>

#include "catalog/text/funnel.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

std::vector<FunnelPoolingOptions> AllOptions() {
  return {{},
          {.truncate = false},
          {.separate_cls = false},
          {.mean = false},
          {.mean = false, .separate_cls = false}};
}

// [1, n, 1] of these values.
at::Tensor Sequence(const std::vector<double>& values) {
  at::Tensor x = ops::Empty({1, static_cast<int64_t>(values.size()), 1}, at::kDouble, at::kCPU);
  std::copy(values.begin(), values.end(), x.mutable_data_ptr<double>());
  return x;
}

TEST(FunnelPoolingTest, PairsBecomeTheirMean) {
  const at::Tensor odd = Sequence({1, 2, 4, 7, 9});
  const at::Tensor even = Sequence({1, 2, 4, 7});
  EXPECT_TRUE(PoolTokens(odd, {}).equal(Sequence({1, 3, 7})));
  EXPECT_TRUE(PoolTokens(even, {}).equal(Sequence({1, 3})));
  EXPECT_TRUE(PoolTokens(odd, {.truncate = false}).equal(Sequence({1, 3, 8})));
  EXPECT_TRUE(PoolTokens(even, {.truncate = false}).equal(Sequence({1, 3, 7})));
  EXPECT_TRUE(PoolTokens(odd, {.separate_cls = false}).equal(Sequence({1.5, 5.5, 9})));
  EXPECT_TRUE(PoolTokens(even, {.separate_cls = false}).equal(Sequence({1.5, 5.5})));
}

TEST(FunnelPoolingTest, OrTheirMaximum) {
  EXPECT_TRUE(PoolTokens(Sequence({1, 2, 4, 7, 3}), {.mean = false}).equal(Sequence({1, 4, 7})));
}

TEST(FunnelPoolingTest, StageShortensAsTokensDo) {
  for (const FunnelPoolingOptions& options : AllOptions()) {
    const nlohmann::json config = {{"separate_cls", options.separate_cls},
                                   {"truncate_seq", options.truncate}};
    for (int64_t length = 3; length < 20; ++length) {
      const at::Tensor x = RandomNormal({2, length, 3}, 1);
      const FunnelStage stage = {.length = length,
                                 .keep = ops::Full({2, length}, 1, at::kBool, at::kCPU),
                                 .types = ops::Full({2, length}, 1, at::kLong, at::kCPU)};
      const FunnelStage pooled = PoolStage(stage, options);
      EXPECT_EQ(pooled.length, PoolTokens(x, options).size(1)) << length;
      EXPECT_EQ(pooled.length, catalog::FunnelPooled(config, length)) << length;
      EXPECT_EQ(pooled.keep.size(1), pooled.length);
      EXPECT_EQ(pooled.types.size(1), pooled.length);
    }
  }
}

TEST(FunnelPoolingTest, PairsStandWhereTheirFirstTokenStood) {
  FunnelStage stage = {.length = 16, .first = 0, .step = 1};
  for (int poolings = 1; poolings < 4; ++poolings) {
    stage = PoolStage(stage, {});
    // The first token stands before the others, of which the first keeps position 1.
    EXPECT_EQ(stage.first + stage.step, 1);
    EXPECT_EQ(stage.step, 1 << poolings);
  }
  EXPECT_EQ(PoolStage({.length = 16}, {.separate_cls = false}).first, 0);
}

TEST(FunnelPoolingTest, PairIsRealWhereBothAreAndOfTheFirstOnesType) {
  FunnelStage stage = {.length = 6,
                       .keep = Sequence({1, 1, 1, 1, 0, 0}).squeeze(2).ne(0),
                       .types = Sequence({2, 0, 1, 1, 0, 0}).squeeze(2).to(at::kLong)};
  const FunnelStage pooled = PoolStage(stage, {.separate_cls = true, .truncate = false});
  EXPECT_TRUE(pooled.keep.equal(Sequence({1, 1, 0, 0}).squeeze(2).ne(0)));
  EXPECT_TRUE(pooled.types.equal(Sequence({2, 0, 1, 0}).squeeze(2).to(at::kLong)));
}

TEST(FunnelPoolingTest, TokensAreRepeatedAndWhatWasLeftOutIsZero) {
  const at::Tensor x = Sequence({1, 2, 3});
  EXPECT_TRUE(Upsample(x, 2, 5, {}).equal(Sequence({1, 2, 2, 3, 3})));
  EXPECT_TRUE(Upsample(x, 2, 6, {}).equal(Sequence({1, 2, 2, 3, 3, 0})));
  EXPECT_TRUE(Upsample(x, 2, 5, {.separate_cls = false}).equal(Sequence({1, 1, 2, 2, 3})));
  EXPECT_TRUE(Upsample(x, 4, 7, {}).equal(Sequence({1, 2, 2, 2, 2, 3, 3})));
  EXPECT_TRUE(Upsample(x, 1, 3, {}).equal(x));
}

TEST(FunnelPoolingTest, TwoTokensAtLeastArePooled) {
  EXPECT_FALSE(CanPool(1, {.separate_cls = false}));
  EXPECT_TRUE(CanPool(2, {.separate_cls = false}));
  EXPECT_FALSE(CanPool(2, {}));
  EXPECT_TRUE(CanPool(3, {}));
}

}  // namespace
}  // namespace cusp::models
