#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/worker/models/formula_check.h"
#include "tests/worker/models/slow_encoder.h"
#include "tests/worker/models/tiny_models.h"
#include "tests/worker/models/training_checks.h"
#include "worker/models/layers/attention_core.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

using ::testing::HasSubstr;

at::Tensor Norm(const SlowTensors& tensors, const at::Tensor& x) {
  const at::Tensor centred = x.sub(x.mean(-1, true));
  return centred.div(centred.square().mean(-1, true).add(1e-6).sqrt())
      .mul(tensors.at("weight"))
      .add(tensors.at("bias"));
}

// einsum(x, gates[n, d], weight[m, d]), module by module.
at::Tensor Factored(const SlowTensors& tensors, const at::Tensor& x) {
  std::vector<at::Tensor> modules;
  for (int64_t n = 0; n < tensors.at("gates").size(0); ++n) {
    modules.push_back(x.mul(tensors.at("gates").select(0, n)).matmul(tensors.at("weight").t()));
  }
  return ops::Cat(modules, -1).add(tensors.at("bias"));
}

// y [B, n, d] in modules, where out-of-range tokens and modules are zeros: each tap a product
// with the shifted whole.
at::Tensor Convolved(const SlowTensors& tensors, const at::Tensor& y, int64_t modules) {
  const at::Tensor weight = tensors.at("weight");
  const int64_t length = y.size(1);
  const int64_t reach = weight.size(3) / 2;
  const at::Tensor padded =
      ops::Pad(y.view({y.size(0), length, modules, -1}), {0, 0, reach, reach, 2, 0}, 0);
  at::Tensor sum = tensors.at("bias");
  for (int64_t i = 0; i < 3; ++i) {
    for (int64_t j = 0; j < weight.size(3); ++j) {
      sum = sum.add(padded.narrow(1, i, length)
                        .narrow(2, j, modules)
                        .matmul(weight.select(3, j).select(2, i).t()));
    }
  }
  return sum.view(y.sizes());
}

at::Tensor SlowAttention(const SlowTensors& tensors, const at::Tensor& x, const at::Tensor& keep,
                         const nlohmann::json& config) {
  const at::Tensor y = Factored(Below(tensors, "multiplicative."), x).mul(keep.unsqueeze(-1));
  const auto heads = [&](const char* name) {
    return SplitHeads(Convolved(Below(tensors, name), y, config.at("qkv_sparsity")),
                      config.at("num_attention_heads"));
  };
  const int64_t n = x.size(1);
  const at::Tensor q = heads("query.");
  const at::Tensor seen =
      ops::Full({n, n}, 1, at::kBool, at::kCPU).tril().logical_and(keep.view({-1, 1, 1, n}));
  const at::Tensor weights = q.matmul(heads("key.").transpose(2, 3))
                                 .div(std::sqrt(static_cast<double>(q.size(3))))
                                 .exp()
                                 .mul(seen);
  return MergeHeads(weights.div(weights.sum(-1, true)).matmul(heads("value.")));
}

// Token by token and block by block, the unit with the highest score.
at::Tensor SlowFeedForward(const SlowTensors& tensors, const at::Tensor& x,
                           const nlohmann::json& config) {
  const int64_t block = config.at("ff_sparsity");
  const at::Tensor scores = x.matmul(tensors.at("controller.down.weight").t())
                                .matmul(tensors.at("controller.up.weight").t())
                                .add(tensors.at("controller.up.bias"));
  at::Tensor y = tensors.at("down.bias").expand(x.sizes()).clone();
  for (int64_t b = 0; b < x.size(0); ++b) {
    for (int64_t t = 0; t < x.size(1); ++t) {
      const at::Tensor token = x.select(0, b).select(0, t);
      for (int64_t first = 0; first < scores.size(2); first += block) {
        const int64_t unit =
            first +
            scores.select(0, b).select(0, t).narrow(0, first, block).argmax().item<int64_t>();
        const at::Tensor inner = token.dot(tensors.at("up.weight").select(0, unit)).relu();
        y.select(0, b).select(0, t).add_(tensors.at("down.weight").select(0, unit).mul(inner));
      }
    }
  }
  return y;
}

at::Tensor Positions(int64_t n, int64_t features) {
  at::Tensor table = ops::Empty({n, features}, at::kDouble, at::kCPU);
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < features; ++j) {
      const double phase =
          static_cast<double>(i) /
          std::pow(10000, 2.0 * static_cast<double>(j / 2) / static_cast<double>(features));
      table.select(0, i).select(0, j).fill_(j % 2 == 0 ? std::sin(phase) : std::cos(phase));
    }
  }
  return table;
}

at::Tensor SlowModel(const nlohmann::json& config, const Model& model, const Inputs& inputs) {
  const SlowTensors tensors = TensorsOf(model);
  const at::Tensor ids = inputs.at("input_ids");
  at::Tensor x = ops::Embedding(tensors.at("embeddings.weight"), ids)
                     .add(Positions(ids.size(1), config.at("hidden_size")));
  for (int64_t i = 0; i < config.at("num_hidden_layers").get<int64_t>(); ++i) {
    const SlowTensors layer = Below(tensors, "layers." + std::to_string(i) + ".");
    x = x.add(SlowAttention(Below(layer, "attention."), Norm(Below(layer, "attention_norm."), x),
                            KeepOf(inputs), config));
    x = x.add(SlowFeedForward(Below(layer, "feed_forward."),
                              Norm(Below(layer, "feed_forward_norm."), x), config));
  }
  x = Norm(Below(tensors, "norm."), x);
  return config.contains("loss_sparsity") ? Factored(Below(tensors, "loss."), x) : x;
}

void ExpectEqualsDefinition(const nlohmann::json& config, int64_t length) {
  SCOPED_TRACE(::testing::Message() << config << ", length " << length);
  const auto model = MustBuild(config, {.dtype = at::kDouble});
  Inputs inputs = TinyInputs("scaling_transformer", length, static_cast<uint64_t>(length));
  for (const bool masked : {true, false}) {
    if (!masked) {
      inputs.erase("attention_mask");
    }
    EXPECT_LT(ScaledDifference(Infer(*model, inputs), SlowModel(config, *model, inputs),
                               masked ? inputs.at("attention_mask") : at::Tensor()),
              1e-9)
        << masked;
  }
}

TEST(ScalingTransformerTest, EqualsItsDefinition) {
  for (const int64_t length : {1, 2, 13, 33}) {
    ExpectEqualsDefinition(TinyConfig("scaling_transformer"), length);
  }
}

TEST(ScalingTransformerTest, EqualsItsDefinitionForOtherShapes) {
  for (const char* change :
       {R"({"qkv_sparsity": 2})", R"({"qkv_sparsity": 16})",
        R"({"qkv_sparsity": 2, "num_attention_heads": 8})", R"({"ff_sparsity": 1})",
        R"({"ff_sparsity": 20})", R"({"ff_sparsity": 2, "controller_rank": null})",
        R"({"vocab_size": 38, "loss_sparsity": 2})", R"({"vocab_size": 600, "loss_sparsity": 3})",
        R"({"loss_sparsity": 37})"}) {
    nlohmann::json config = TinyConfig("scaling_transformer");
    config.update(nlohmann::json::parse(change));
    ExpectEqualsDefinition(config, 11);
    ExpectParametersAsBuilt(config);
  }
}

// A hole in the mask is like no token: neither attention nor convolution sees it.
TEST(ScalingTransformerTest, MaskedTokensAreNowhereSeen) {
  const auto model = MustBuild(TinyConfig("scaling_transformer"));
  Inputs inputs = TinyInputs("scaling_transformer", kTinyLength, 1);
  inputs["attention_mask"].narrow(1, 5, 4).zero_();
  const at::Tensor expected = Infer(*model, inputs);
  inputs["input_ids"] = inputs["input_ids"].clone();
  inputs["input_ids"].narrow(1, 5, 4).fill_(3);
  EXPECT_LT(ScaledDifference(Infer(*model, inputs), expected, inputs.at("attention_mask")), 1e-6);
}

TEST(ScalingTransformerTest, FormulasHoldForOtherShapes) {
  for (const char* change :
       {R"({"qkv_sparsity": 2, "ff_sparsity": 10})", R"({"ff_sparsity": 1, "controller_rank": 16})",
        R"({"vocab_size": 38, "loss_sparsity": 2})",
        // Modules wider than the tokens are many.
        R"({"vocab_size": 1200, "loss_sparsity": 3})"}) {
    nlohmann::json config = TinyConfig("scaling_transformer");
    config.update(nlohmann::json::parse(change));
    ExpectCostsAsCounted(config);
  }
}

TEST(ScalingTransformerTest, HardTrainingWithoutNoiseGivesWhatInferenceGives) {
  nlohmann::json config = TinyConfig("scaling_transformer");
  config["quant_prob"] = 1.0;
  config["temperature"] = 0.0;
  const Inputs inputs = TinyInputs("scaling_transformer", kTinyLength, 1);
  const auto inference = MustBuild(config, {.dtype = at::kDouble});
  const auto training = MustBuild(config, {.dtype = at::kDouble, .training = true});
  EXPECT_LT(ScaledDifference(training->Forward(inputs).detach(), Infer(*inference, inputs)), 1e-12);
}

// Drawn on the host or the device, what a layer chose it chooses again.
TEST(ScalingTransformerTest, CheckpointingRepeatsEveryDraw) {
  nlohmann::json config = TinyConfig("scaling_transformer");
  config.update({{"num_hidden_layers", 8}, {"quant_prob", 0.5}, {"temperature", 10.0}});
  const Inputs inputs = TinyInputs("scaling_transformer", kTinyLength, 1);
  std::vector<at::Tensor> gradients;
  for (const bool checkpointing : {false, true}) {
    config["checkpointing"] = checkpointing;
    const auto model = MustBuild(config, {.dtype = at::kDouble, .training = true});
    SeedDropout(3);
    model->Forward(inputs).square().mean().backward();
    gradients.push_back(model->Parameters().front().grad());
  }
  EXPECT_LT(ScaledDifference(gradients[1], gradients[0]), 1e-12);
}

TEST(ScalingTransformerTest, EveryBackendComputesTheSame) {
  const Inputs inputs = TinyInputs("scaling_transformer", kTinyLength, 1);
  const nlohmann::json config = TinyConfig("scaling_transformer");
  const at::Tensor expected = Infer(*MustBuild(config), inputs);
  for (const char* attention : {"sdpa", "math", "flash"}) {
    const auto model = MustBuild(config, {.attention = attention});
    EXPECT_LT(ScaledDifference(Infer(*model, inputs), expected, inputs.at("attention_mask")), 1e-5)
        << attention;
  }
}

TEST(ScalingTransformerTest, FusedKernelsTrain) {
  const Inputs inputs = TinyInputs("scaling_transformer", kTinyLength, 1);
  const nlohmann::json config = TinyConfig("scaling_transformer");
  const auto eager = MustBuild(config, {.training = true});
  const auto fused = MustBuild(config, {.attention = "flash", .training = true});
  for (Model* model : {eager.get(), fused.get()}) {
    model->Forward({{"input_ids", inputs.at("input_ids")}}).square().mean().backward();
  }
  EXPECT_LT(
      ScaledDifference(fused->Parameters().front().grad(), eager->Parameters().front().grad()),
      1e-5);
}

TEST(ScalingTransformerTest, DecodingEndsInTheProjectionToo) {
  nlohmann::json config = TinyConfig("scaling_transformer");
  config["vocab_size"] = 60;
  config["loss_sparsity"] = 3;
  const auto model = MustBuild(config, {.dtype = at::kDouble});
  const at::Tensor ids = model->RandomInputs(9, 2, 1)->at("input_ids");
  const at::Tensor whole = Infer(*model, {{"input_ids", ids}});
  ASSERT_EQ(whole.sizes(), at::IntArrayRef({2, 9, 60}));
  const auto state = model->NewState();
  for (int64_t t = 0; t < 9; ++t) {
    EXPECT_LT(ScaledDifference(model->Extend(ids.narrow(1, t, 1), *state), whole.narrow(1, t, 1)),
              1e-9);
  }
}

TEST(ScalingTransformerTest, ShapesThatDoNotGoTogetherAreRefused) {
  for (const auto& [change, part] :
       {std::pair{R"({"ff_sparsity": 3})", "ff_sparsity 3 does not divide intermediate_size 20"},
        {R"({"qkv_sparsity": 5})", "qkv_sparsity 5 does not divide hidden_size 16"},
        {R"({"loss_sparsity": 2})", "loss_sparsity 2 does not divide vocab_size 37"},
        {R"({"is_decoder": false})", "causal by definition"}}) {
    nlohmann::json config = TinyConfig("scaling_transformer");
    config.update(nlohmann::json::parse(change));
    EXPECT_THAT(BuildModel(config.dump(), {}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(part)));
  }
}

}  // namespace
}  // namespace cusp::models
