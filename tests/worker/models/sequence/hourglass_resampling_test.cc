#include "worker/models/sequence/hourglass_resampling.h"

#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

ResamplingOptions Options(Resampling kind, int64_t factor) {
  return {
      .kind = kind,
      .factor = factor,
      .attention = {.hidden_size = 6, .heads = 2, .head_size = 3},
      .block = {
          .hidden_size = 6, .attention_size = 6, .intermediate_size = 8, .layer_norm_eps = 1e-6}};
}

ParameterStore Store() { return ParameterStore({.initializer_range = 0.5}); }

TEST(HourglassResamplingTest, LinearIsOneMatrixOverTheGroup) {
  ParameterStore store = Store();
  Shortening shortening(store, "shortening", Options(Resampling::kLinear, 4));
  ASSERT_EQ(store.tensors()[0].first, "shortening.weight");
  const at::Tensor weight = store.tensors()[0].second;
  const at::Tensor x = RandomNormal({2, 12, 6}, 1);
  const at::Tensor expected = x.view({2, 3, 24}).matmul(weight.t());
  EXPECT_LT(ScaledDifference(shortening(x, 0, {}), expected), 1e-5);
}

TEST(HourglassResamplingTest, AverageIsTheMeanAndRepeats) {
  ParameterStore store = Store();
  const ResamplingOptions options = Options(Resampling::kAverage, 3);
  Shortening shortening(store, "shortening", options);
  Upsampling upsampling(store, "upsampling", options);
  EXPECT_TRUE(store.tensors().empty());
  const at::Tensor x = RandomNormal({2, 6, 6}, 1);
  const at::Tensor means = shortening(x, 0, {});
  EXPECT_LT(ScaledDifference(means.select(1, 1), x.narrow(1, 3, 3).sum(1).div(3)), 1e-6);
  const at::Tensor lengthened = upsampling.Lengthen(means);
  EXPECT_TRUE(lengthened.select(1, 5).equal(means.select(1, 1)));
  EXPECT_TRUE(upsampling(x, lengthened, 0, {}).equal(x.add(lengthened)));
}

// Each group alone, with the tokens up to its last, gives what all of them together give.
TEST(HourglassResamplingTest, AttentionHidesWhatStandsLater) {
  ParameterStore store = Store();
  Shortening shortening(store, "shortening", Options(Resampling::kAttention, 3));
  const at::Tensor x = RandomNormal({2, 10, 6}, 1);
  const at::Tensor groups = RandomNormal({2, 12, 6}, 2);
  const at::Tensor all = shortening(groups, 0, shortening.Read(x, {}, nullptr));
  for (int64_t i = 0; i < 4; ++i) {
    const ResamplingSource seen = shortening.Read(x.narrow(1, 0, 3 * i + 1), {}, nullptr);
    EXPECT_LT(
        ScaledDifference(shortening(groups.narrow(1, 3 * i, 3), i, seen), all.narrow(1, i, 1)),
        1e-5)
        << i;
  }
}

TEST(HourglassResamplingTest, CacheGivesTheSourceInPieces) {
  ParameterStore store = Store();
  Upsampling upsampling(store, "upsampling", Options(Resampling::kAttention, 3));
  const at::Tensor x = RandomNormal({2, 9, 6}, 1);
  const at::Tensor groups = RandomNormal({2, 3, 6}, 2);
  const at::Tensor lengthened = upsampling.Lengthen(groups);
  const at::Tensor whole = upsampling(x, lengthened, 0, upsampling.Read(groups, {}, nullptr));
  KvCache cache;
  for (int64_t t = 0; t < 9; ++t) {
    const at::Tensor next = t % 3 == 0 ? groups.narrow(1, t / 3, 1) : at::Tensor();
    const ResamplingSource source = upsampling.Read(next, {}, &cache);
    EXPECT_LT(ScaledDifference(upsampling(x.narrow(1, t, 1), lengthened.narrow(1, t, 1), t, source),
                               whole.narrow(1, t, 1)),
              1e-5)
        << t;
  }
}

TEST(HourglassResamplingTest, NamesOfTheCatalog) {
  EXPECT_EQ(ResamplingOf("linear"), Resampling::kLinear);
  EXPECT_EQ(ResamplingOf("average"), Resampling::kAverage);
  EXPECT_EQ(ResamplingOf("attention"), Resampling::kAttention);
}

}  // namespace
}  // namespace cusp::models
