#include "worker/models/sequence/t5_layer.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

constexpr T5Options kOptions = {.hidden_size = 6,
                                .heads = 2,
                                .head_size = 4,
                                .buckets = 8,
                                .max_distance = 8,
                                .norm_epsilon = 1e-6};

TEST(T5AttentionTest, ScoresHaveNoScale) {
  ParameterStore store({});
  T5Attention attention(store, "a", kOptions);
  ASSERT_EQ(store.tensors().size(), 4U);
  EXPECT_EQ(store.tensors()[3].first, "a.o.weight");
  const at::Tensor x = RandomNormal({1, 5, 6}, 1);
  const at::Tensor y = RandomNormal({1, 7, 6}, 2);
  const auto heads = [&](const at::Tensor& of, size_t i) {
    return SplitHeads(of.matmul(store.tensors()[i].second.t()), 2);
  };
  const at::Tensor weights = heads(x, 0).matmul(heads(y, 1).transpose(2, 3)).softmax(-1);
  const at::Tensor expected =
      MergeHeads(weights.matmul(heads(y, 2))).matmul(store.tensors()[3].second.t());
  EXPECT_LT(ScaledDifference(attention(x, attention.Keys(y), attention.Values(y), {}), expected),
            1e-5);
}

TEST(T5LayerTest, OnlyADecoderReadsASource) {
  const MakeT5FeedForward none = [](ParameterStore&, const std::string&, int64_t, bool) {
    return [](const at::Tensor& x) { return x.mul(0); };
  };
  ParameterStore encoder({});
  const T5Layer plain(encoder, "block.0", 0, kOptions, none);
  EXPECT_EQ(encoder.tensors().size(), 6U);
  T5Options options = kOptions;
  options.decoder = true;
  ParameterStore decoder({});
  const T5Layer reading(decoder, "block.0", 0, options, none);
  EXPECT_EQ(decoder.tensors().size(), 11U);
  EXPECT_EQ(decoder.tensors().back().first, "block.0.layer.1.layer_norm.weight");
}

TEST(T5LayerTest, RelativesMayHaveBiasesAndCentredNorms) {
  T5Options options = kOptions;
  options.linear = {};
  options.layer_norm = true;
  ParameterStore store({});
  T5Attention(store, "a", options);
  ASSERT_EQ(store.tensors().size(), 8U);
  EXPECT_EQ(store.tensors()[7].first, "a.o.bias");
  const T5Norm norm = MakeT5Norm(store, "n", options);
  EXPECT_EQ(store.tensors()[9].first, "n.bias");
  EXPECT_LT(norm(RandomNormal({3, 6}, 1).add(5)).mean(-1).abs().max().item<double>(), 1e-5);
}

TEST(T5LayerTest, ScaledScoresStartAsLarge) {
  std::vector<double> deviations;
  for (const std::optional<double> scale : {std::optional<double>(1), std::optional<double>()}) {
    T5Options options = kOptions;
    options.hidden_size = 400;
    options.head_size = 16;
    options.scale = scale;
    ParameterStore store({});
    const T5Attention attention(store, "a", options);
    deviations.push_back(store.tensors()[0].second.std(false).item<double>() *
                         scale.value_or(0.25));
  }
  EXPECT_NEAR(deviations[1] / deviations[0], 1, 1e-6);
}

}  // namespace
}  // namespace cusp::models
