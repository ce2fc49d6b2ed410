#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "tests/worker/models/formula_check.h"
#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

// Layers of one kind, all with the same base of their rotary positions.
nlohmann::json Uniform(const char* type, int64_t window) {
  nlohmann::json config = TinyConfig("modernbert");
  config["layer_types"] = std::vector<std::string>(2, type);
  config["local_attention"] = window;
  config["local_rope_theta"] = 300.0;
  config["global_rope_theta"] = 300.0;
  return config;
}

TEST(ModernBertTest, WindowOfTwiceTheLengthIsFullAttention) {
  for (const int64_t length : {1, 2, 17, 31}) {
    const Inputs inputs = TinyInputs("modernbert", length, 1);
    const at::Tensor full = Infer(*MustBuild(Uniform("full_attention", 2)), inputs);
    for (const int64_t window : {2 * (length - 1), 2 * length, 4 * length}) {
      if (window >= 2) {
        EXPECT_LT(ScaledDifference(Infer(*MustBuild(Uniform("sliding_attention", window)), inputs),
                                   full, inputs.at("attention_mask")),
                  1e-5)
            << length << ", window " << window;
      }
    }
  }
}

TEST(ModernBertTest, SlidingLayerReachesHalfItsWindow) {
  for (const int64_t window : {2, 6, 7, 10}) {
    nlohmann::json config = Uniform("sliding_attention", window);
    config["num_hidden_layers"] = 1;
    config["layer_types"] = {"sliding_attention"};
    const auto model = MustBuild(config);
    Inputs inputs = {{"input_ids", TinyInputs("modernbert", 31, 1).at("input_ids")}};
    const at::Tensor before = Infer(*model, inputs);
    inputs["input_ids"] = inputs.at("input_ids").clone();
    inputs["input_ids"].select(1, 12).add_(1).remainder_(35).add_(2);
    const at::Tensor changed = Infer(*model, inputs).sub(before).abs().amax(-1).amax(0);
    for (int64_t i = 0; i < 31; ++i) {
      EXPECT_EQ(changed.select(0, i).item<double>() > 0, std::abs(i - 12) <= window / 2)
          << i << ", window " << window;
    }
  }
}

TEST(ModernBertTest, SlidingLayersAreLinear) {
  nlohmann::json config = Uniform("sliding_attention", 14);
  config["max_position_embeddings"] = 4096;
  const auto model = MustBuild(config, {.profiling = true});
  const auto bytes = [&](int64_t length) {
    return static_cast<double>(AllocatedBytesOf(*model, *model->RandomInputs(length, 1, 1)));
  };
  bytes(4096);  // makes the tables of rotary positions
  EXPECT_LT((bytes(4096) - bytes(2048)) / (bytes(2048) - bytes(1024)), 2.1);
}

TEST(ModernBertTest, MaskedTokensDoNotReachOthers) {
  const auto model = MustBuild(TinyConfig("modernbert"));
  Inputs inputs = TinyInputs("modernbert", 23, 1);
  const at::Tensor before = Infer(*model, inputs);
  const at::Tensor mask = inputs.at("attention_mask");
  inputs["input_ids"] = inputs.at("input_ids").masked_fill(mask.eq(0), 9);
  EXPECT_LT(ScaledDifference(Infer(*model, inputs), before, mask), 1e-6);
}

TEST(ModernBertTest, EveryKindOfLayersHasItsOwnRotaryBase) {
  nlohmann::json config = TinyConfig("modernbert");
  const Inputs inputs = TinyInputs("modernbert", kTinyLength, 1);
  const at::Tensor before = Infer(*MustBuild(config), inputs);
  for (const char* key : {"global_rope_theta", "local_rope_theta"}) {
    nlohmann::json changed = config;
    changed[key] = 50.0;
    EXPECT_GT(ScaledDifference(Infer(*MustBuild(changed), inputs), before), 1e-3) << key;
  }
}

TEST(ModernBertTest, DropoutActsInTrainingOnly) {
  for (const char* key : {"attention_dropout", "embedding_dropout", "mlp_dropout"}) {
    nlohmann::json config = TinyConfig("modernbert");
    config[key] = 0.3;
    const Inputs inputs = TinyInputs("modernbert", kTinyLength, 1);
    const auto training = MustBuild(config, {.training = true});
    EXPECT_TRUE(Infer(*MustBuild(config), inputs).equal(Infer(*MustBuild(config), inputs)));
    EXPECT_FALSE(Infer(*training, inputs).equal(Infer(*training, inputs))) << key;
  }
}

TEST(ModernBertTest, FormulasFollowEveryKey) {
  nlohmann::json config = TinyConfig("modernbert");
  for (const char* key : {"attention_bias", "mlp_bias", "norm_bias"}) {
    config[key] = !config.at(key).get<bool>();
  }
  config["num_hidden_layers"] = 5;
  config["global_attn_every_n_layers"] = 2;
  ExpectCostsAsCounted(config);
  ExpectParametersAsBuilt(config);
  config["local_attention"] = 40;  // wider than some of the inputs
  ExpectCostsAsCounted(config);
}

TEST(ModernBertTest, SharedLayersHaveNormsOfTheirOwn) {
  nlohmann::json config = TinyConfig("modernbert");
  config["num_hidden_layers"] = 4;
  config["share_layers"] = true;
  ExpectParametersAsBuilt(config);
  std::vector<std::string> own;
  for (const auto& [name, tensor] : MustBuild(config)->NamedTensors()) {
    if (name.starts_with("layers.") && !name.starts_with("layers.0.")) {
      own.push_back(name);
    }
  }
  EXPECT_EQ(own,
            (std::vector<std::string>{"layers.1.attn_norm.weight", "layers.1.attn_norm.bias",
                                      "layers.2.attn_norm.weight", "layers.2.attn_norm.bias",
                                      "layers.3.attn_norm.weight", "layers.3.attn_norm.bias"}));
}

}  // namespace
}  // namespace cusp::models
