#include "worker/models/layers/encoder_layer.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

// Doubles its input, so that the block around it can be checked alone.
class DoublingAttention : public SelfAttention {
 public:
  at::Tensor Forward(const at::Tensor& x, const SequenceMask& /*mask*/) override {
    return x.mul(2);
  }
};

at::Tensor Normed(const at::Tensor& x) {
  const at::Tensor centred = x.sub(x.mean(-1, true));
  return centred.div(centred.square().mean(-1, true).add(1e-5).sqrt());
}

TEST(EncoderLayerTest, FollowsThePostNormFormula) {
  ParameterStore store({.initializer_range = 0.5});
  EncoderLayer layer(store, "l",
                     {.hidden_size = 6,
                      .attention_size = 6,
                      .intermediate_size = 10,
                      .activation = Activation::kRelu,
                      .layer_norm_eps = 1e-5},
                     std::make_unique<DoublingAttention>());
  const at::Tensor x = RandomNormal({2, 3, 6}, 1);
  const auto weight = [&](size_t i) { return store.tensors()[i].second; };
  // Order: attention.output.dense, its norm, intermediate, output, its norm.
  const at::Tensor attended = Normed(x.mul(2).matmul(weight(0).t()).add(x));
  const at::Tensor inner = attended.matmul(weight(4).t()).relu();
  const at::Tensor expected = Normed(inner.matmul(weight(6).t()).add(attended));
  EXPECT_LT(ScaledDifference(layer(x, {}), expected), 1e-5);
}

TEST(EncoderLayerTest, WithoutAProjectionWhatMixesIsAdded) {
  ParameterStore store({.initializer_range = 0.5});
  EncoderLayer layer(store, "l",
                     {.hidden_size = 6,
                      .attention_size = 6,
                      .intermediate_size = 10,
                      .activation = Activation::kRelu,
                      .layer_norm_eps = 1e-5,
                      .names = {.attention_output = "", .intermediate = "up", .output = "down"}},
                     std::make_unique<DoublingAttention>());
  const at::Tensor x = RandomNormal({2, 3, 6}, 1);
  ASSERT_EQ(store.tensors().size(), 8U);
  EXPECT_EQ(store.tensors()[2].first, "l.up.weight");
  EXPECT_EQ(store.tensors()[4].first, "l.down.weight");
  const at::Tensor attended = Normed(x.mul(3));
  const at::Tensor inner = attended.matmul(store.tensors()[2].second.t()).relu();
  const at::Tensor expected = Normed(inner.matmul(store.tensors()[4].second.t()).add(attended));
  EXPECT_LT(ScaledDifference(layer(x, {}), expected), 1e-5);
}

TEST(EncoderLayerTest, DropoutChangesTheOutput) {
  ParameterStore store({.initializer_range = 0.5});
  EncoderLayer layer(store, "l",
                     {.hidden_size = 6,
                      .attention_size = 6,
                      .intermediate_size = 10,
                      .layer_norm_eps = 1e-5,
                      .dropout = 0.5},
                     std::make_unique<DoublingAttention>());
  const at::Tensor x = RandomNormal({2, 3, 6}, 1);
  EXPECT_FALSE(layer(x, {}).equal(layer(x, {})));
}

}  // namespace
}  // namespace cusp::models
