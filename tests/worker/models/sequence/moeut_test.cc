#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/formula_check.h"
#include "tests/worker/models/slow_encoder.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

// What the definition needs of a configuration.
struct Shape {
  explicit Shape(const nlohmann::json& config)
      : heads(config.at("num_attention_heads")),
        head_size(config.at("head_dim")),
        turning(head_size / 2 / 2 * 2),
        top_k(config.at("top_k")),
        att_k(config.at("att_k")) {}

  int64_t heads, head_size, turning, top_k, att_k;
};

at::Tensor Norm(const SlowTensors& tensors, const at::Tensor& x) {
  const at::Tensor centred = x.sub(x.mean(-1, true));
  return centred.div(centred.square().mean(-1, true).add(1e-5).sqrt())
      .mul(tensors.at("weight"))
      .add(tensors.at("bias"));
}

// The k highest scores of one token, by sorting.
std::vector<int64_t> Best(const at::Tensor& scores, int64_t k) {
  std::vector<int64_t> order(static_cast<size_t>(scores.size(0)));
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return scores.select(0, a).item<double>() > scores.select(0, b).item<double>();
  });
  order.resize(static_cast<size_t>(k));
  return order;
}

// One token's x through the experts [E, in, out] from `first` on that its scores choose.
at::Tensor Mixture(const at::Tensor& x, const at::Tensor& scores, const at::Tensor& experts,
                   int64_t first, int64_t k) {
  at::Tensor sum = ops::Full({experts.size(2)}, 0, at::kDouble, at::kCPU);
  for (const int64_t e : Best(scores, k)) {
    sum = sum.add(x.matmul(experts.select(0, first + e)).mul(scores.select(0, e).sigmoid()));
  }
  return sum;
}

at::Tensor Turned(const at::Tensor& x, int64_t position, const Shape& shape) {
  at::Tensor turned = x.clone();
  const int64_t half = shape.turning / 2;
  for (int64_t i = 0; i < half; ++i) {
    const double angle = static_cast<double>(position) *
                         std::pow(10000.0, -static_cast<double>(i) / static_cast<double>(half));
    const at::Tensor a = x.select(0, i);
    const at::Tensor b = x.select(0, i + half);
    turned.select(0, i).copy_(a.mul(std::cos(angle)).sub(b.mul(std::sin(angle))));
    turned.select(0, i + half).copy_(b.mul(std::cos(angle)).add(a.mul(std::sin(angle))));
  }
  return turned;
}

// One sample's attention, x and normed [n, d], token by token and head by head.
at::Tensor SlowSwitchHead(const SlowTensors& tensors, const at::Tensor& x, const at::Tensor& normed,
                          const at::Tensor& keep, const Shape& shape) {
  const int64_t experts = tensors.at("sel_v").size(0) / shape.heads;
  at::Tensor out = ops::Full(x.sizes(), 0, at::kDouble, at::kCPU);
  for (int64_t h = 0; h < shape.heads; ++h) {
    const auto rows = [&](const char* name, int64_t size) {
      return tensors.at(name).narrow(0, h * size, size);
    };
    std::vector<at::Tensor> keys;
    std::vector<at::Tensor> values;
    for (int64_t t = 0; t < x.size(0); ++t) {
      const at::Tensor chooser = normed.select(0, t);
      keys.push_back(Turned(rows("k.weight", shape.head_size).matmul(chooser), t, shape));
      values.push_back(Mixture(x.select(0, t), rows("sel_v", experts).matmul(chooser),
                               tensors.at("v"), h * experts, shape.att_k));
      const at::Tensor q = Turned(rows("q.weight", shape.head_size).matmul(chooser), t, shape);
      at::Tensor sum = q.mul(0);
      at::Tensor weights = sum.sum();
      for (size_t j = 0; j < keys.size(); ++j) {
        const at::Tensor weight = q.dot(keys[j])
                                      .div(std::sqrt(static_cast<double>(shape.head_size)))
                                      .exp()
                                      .mul(keep.select(0, static_cast<int64_t>(j)));
        sum = sum.add(values[j].mul(weight));
        weights = weights.add(weight);
      }
      out.select(0, t).add_(Mixture(sum.div(weights), rows("sel_o", experts).matmul(chooser),
                                    tensors.at("o"), h * experts, shape.att_k));
    }
  }
  return out;
}

at::Tensor SlowFeedForward(const SlowTensors& tensors, const at::Tensor& x,
                           const at::Tensor& normed, const Shape& shape) {
  at::Tensor out = ops::Full(x.sizes(), 0, at::kDouble, at::kCPU);
  for (int64_t t = 0; t < x.size(0); ++t) {
    const at::Tensor scores = tensors.at("expert_sel").matmul(normed.select(0, t));
    for (const int64_t e : Best(scores, shape.top_k)) {
      const at::Tensor inner = x.select(0, t).matmul(tensors.at("keys").select(0, e)).relu();
      out.select(0, t).add_(
          inner.matmul(tensors.at("values").select(0, e)).mul(scores.select(0, e).sigmoid()));
    }
  }
  return out;
}

// Sample by sample: the group's layers in turn, again and again.
at::Tensor SlowMoeut(const nlohmann::json& config, const Model& model, const Inputs& inputs) {
  const SlowTensors tensors = TensorsOf(model);
  const Shape shape(config);
  const at::Tensor ids = inputs.at("input_ids");
  std::vector<at::Tensor> samples;
  for (int64_t b = 0; b < ids.size(0); ++b) {
    at::Tensor x = tensors.at("embedding.weight").index_select(0, ids.select(0, b));
    for (int64_t i = 0; i < config.at("num_hidden_layers").get<int64_t>(); ++i) {
      const SlowTensors layer =
          Below(tensors, "transformer.layers." +
                             std::to_string(i % config.at("group_size").get<int64_t>()) + ".");
      x = x.add(SlowSwitchHead(Below(layer, "attention."), x, Norm(Below(layer, "ln1."), x),
                               KeepOf(inputs).select(0, b), shape));
      x = x.add(SlowFeedForward(Below(layer, "ffn."), x, Norm(Below(layer, "ln2."), x), shape));
    }
    samples.push_back(Norm(Below(tensors, "out_norm."), x).unsqueeze(0));
  }
  return ops::Cat(samples, 0);
}

void ExpectEqualsDefinition(const nlohmann::json& config, int64_t length) {
  SCOPED_TRACE(::testing::Message() << config << ", length " << length);
  const auto model = MustBuild(config, {.dtype = at::kDouble});
  Inputs inputs = TinyInputs("moeut", length, static_cast<uint64_t>(length));
  for (const bool masked : {true, false}) {
    if (!masked) {
      inputs.erase("attention_mask");
    }
    EXPECT_LT(ScaledDifference(Infer(*model, inputs), SlowMoeut(config, *model, inputs),
                               masked ? inputs.at("attention_mask") : at::Tensor()),
              1e-6)
        << masked;
  }
}

TEST(MoeutTest, EqualsItsDefinition) {
  for (const int64_t length : {1, 2, 13}) {
    ExpectEqualsDefinition(TinyConfig("moeut"), length);
  }
}

TEST(MoeutTest, EqualsItsDefinitionForOtherShapes) {
  for (const char* change :
       {R"({"group_size": 1})", R"({"group_size": 4})", R"({"num_hidden_layers": 6})",
        R"({"num_attention_heads": 1, "head_dim": 16})",
        R"({"num_attention_heads": 3, "head_dim": 9})", R"({"top_k": 1, "att_k": 1})",
        R"({"top_k": 5, "att_k": 3})",
        R"({"n_experts": 1, "top_k": 1, "att_experts": 1, "att_k": 1})"}) {
    nlohmann::json config = TinyConfig("moeut");
    config.update(nlohmann::json::parse(change));
    ExpectEqualsDefinition(config, 7);
    ExpectParametersAsBuilt(config);
  }
}

TEST(MoeutTest, FormulasHoldForOtherShapes) {
  nlohmann::json config = TinyConfig("moeut");
  config.update({{"n_experts", 3}, {"top_k", 3}, {"att_experts", 1}, {"att_k", 1}});
  ExpectCostsAsCounted(config);
}

TEST(MoeutTest, TrainingComputesWhatInferenceDoes) {
  const Inputs inputs = TinyInputs("moeut", kTinyLength, 1);
  const auto inference = MustBuild(TinyConfig("moeut"), {.dtype = at::kDouble});
  const auto training = MustBuild(TinyConfig("moeut"), {.dtype = at::kDouble, .training = true});
  EXPECT_LT(ScaledDifference(training->Forward(inputs).detach(), Infer(*inference, inputs)), 1e-12);
}

TEST(MoeutTest, WhatComesLaterChangesNothing) {
  const auto model = MustBuild(TinyConfig("moeut"));
  const at::Tensor ids = TinyInputs("moeut", kTinyLength, 1).at("input_ids");
  const at::Tensor whole = Infer(*model, {{"input_ids", ids}});
  const at::Tensor part = Infer(*model, {{"input_ids", ids.narrow(1, 0, 11)}});
  EXPECT_LT(ScaledDifference(part, whole.narrow(1, 0, 11)), 1e-5);
}

TEST(MoeutTest, EveryBackendComputesTheSame) {
  const Inputs inputs = TinyInputs("moeut", kTinyLength, 1);
  const at::Tensor expected = Infer(*MustBuild(TinyConfig("moeut")), inputs);
  for (const char* attention : {"sdpa", "math", "flash"}) {
    const auto model = MustBuild(TinyConfig("moeut"), {.attention = attention});
    EXPECT_LT(ScaledDifference(Infer(*model, inputs), expected, inputs.at("attention_mask")), 1e-5)
        << attention;
    EXPECT_THAT(model->AttentionUsed(),
                HasSubstr(attention == std::string("math") ? "math" : "fl"));
  }
}

TEST(MoeutTest, ShapesThatDoNotGoTogetherAreRefused) {
  for (const auto& [change, part] :
       {std::pair{R"({"group_size": 3})", "multiple of group_size 3"},
        {R"({"top_k": 6})", "top_k 6 exceeds n_experts 5"},
        {R"({"att_k": 4})", "att_k 4 exceeds att_experts 3"},
        {R"({"partial_rotary_factor": 0.1})", "no pair of features turns"},
        {R"({"head_dim": null, "num_attention_heads": 3})", "num_attention_heads 3"},
        {R"({"pad_token_id": 37})", "pad_token_id 37"}}) {
    nlohmann::json config = TinyConfig("moeut");
    config.update(nlohmann::json::parse(change));
    EXPECT_THAT(BuildModel(config.dump(), {}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(part)));
  }
}

}  // namespace
}  // namespace cusp::models
