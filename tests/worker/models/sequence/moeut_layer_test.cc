#include "worker/models/sequence/moeut_layer.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/feed_forward.h"
#include "worker/models/layers/grouped_attention.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

constexpr MoeutLayerOptions kOptions = {.hidden_size = 10,
                                        .heads = 2,
                                        .head_size = 6,
                                        .experts = 4,
                                        .expert_size = 3,
                                        .chosen = 4,
                                        .attention_experts = 1,
                                        .attention_chosen = 1,
                                        .layer_norm_eps = 1e-5};

std::map<std::string, at::Tensor> ByName(const ParameterStore& store) {
  return {store.tensors().begin(), store.tensors().end()};
}

TEST(MoeutLayerTest, RegistersTheReferencesNames) {
  ParameterStore store({});
  const MoeutLayer layer(store, "l", kOptions);
  const auto tensors = ByName(store);
  ASSERT_EQ(tensors.size(), 13U);
  EXPECT_EQ(tensors.at("l.attention.q.weight").sizes(), at::IntArrayRef({12, 10}));
  EXPECT_EQ(tensors.at("l.attention.k.weight").sizes(), at::IntArrayRef({12, 10}));
  EXPECT_EQ(tensors.at("l.attention.v").sizes(), at::IntArrayRef({2, 10, 6}));
  EXPECT_EQ(tensors.at("l.attention.o").sizes(), at::IntArrayRef({2, 6, 10}));
  EXPECT_EQ(tensors.at("l.attention.sel_v").sizes(), at::IntArrayRef({2, 10}));
  EXPECT_EQ(tensors.at("l.attention.sel_o").sizes(), at::IntArrayRef({2, 10}));
  EXPECT_EQ(tensors.at("l.ffn.keys").sizes(), at::IntArrayRef({4, 10, 3}));
  EXPECT_EQ(tensors.at("l.ffn.values").sizes(), at::IntArrayRef({4, 3, 10}));
  EXPECT_EQ(tensors.at("l.ffn.expert_sel").sizes(), at::IntArrayRef({4, 10}));
  EXPECT_EQ(tensors.count("l.ln1.weight") + tensors.count("l.ln2.bias"), 2U);
}

// Scores of 0 open every gate by a half.
TEST(ExpertFeedForwardTest, AllExpertsHalfOpenAreHalfOfOnePart) {
  ParameterStore store({.initializer_range = 0.5});
  const ExpertFeedForward experts(store, "e", kOptions);
  const auto from = ByName(store);
  from.at("e.expert_sel").zero_();
  ParameterStore whole_store({});
  const FeedForward whole(whole_store, "w", {.hidden_size = 10, .intermediate_size = 12});
  const auto to = ByName(whole_store);
  to.at("w.wi.weight").copy_(from.at("e.keys").transpose(1, 2).reshape({12, 10}));
  to.at("w.wo.weight").copy_(from.at("e.values").reshape({12, 10}).t());
  const at::Tensor x = RandomNormal({2, 9, 10}, 1);
  EXPECT_LT(ScaledDifference(experts(x, RandomNormal({2, 9, 10}, 2)), whole(x).mul(0.5)), 1e-6);
}

TEST(SwitchHeadTest, OneExpertHalfOpenTwiceIsAQuarterOfPlainAttention) {
  ParameterStore store({.initializer_range = 0.5});
  SwitchHead head(store, "h", kOptions);
  const auto from = ByName(store);
  from.at("h.sel_v").zero_();
  from.at("h.sel_o").zero_();
  ParameterStore plain_store({});
  GroupedAttention plain(plain_store, "p",
                         {.hidden_size = 10, .heads = 2, .key_value_heads = 2, .head_size = 6});
  const auto to = ByName(plain_store);
  to.at("p.q_proj.weight").copy_(from.at("h.q.weight"));
  to.at("p.k_proj.weight").copy_(from.at("h.k.weight"));
  to.at("p.v_proj.weight").copy_(from.at("h.v").transpose(1, 2).reshape({12, 10}));
  to.at("p.o_proj.weight").copy_(from.at("h.o").reshape({12, 10}).t());
  Rotary rotary(6, 100, at::kFloat, at::kCPU);
  const DecoderSpan span{.rotary = rotary.At(0, 9), .causal = true};
  const at::Tensor x = RandomNormal({2, 9, 10}, 1);
  EXPECT_LT(ScaledDifference(head(x, x, span, nullptr), plain(x, span, nullptr).mul(0.25)), 1e-6);
}

}  // namespace
}  // namespace cusp::models
