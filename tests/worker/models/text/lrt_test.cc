#include <gtest/gtest.h>

#include <map>

#include "tests/worker/models/slow_encoder.h"
#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

TEST(LrtTest, EqualsItsDefinition) {
  for (const int64_t heads : {1, 2, 4}) {
    nlohmann::json config = TinyConfig("lrt");
    config["num_attention_heads"] = heads;
    config["rank"] = 2 + heads;
    ExpectEqualsSlowly(config, {1, 13, 64}, PlainSlowAttention);
  }
}

// W = U V with U = W, V = I where W is tall, and the other way round where it is wide.
TEST(LrtTest, FullRankFactorsGiveTheDenseModel) {
  const nlohmann::json dense_config = TinyConfig("bert");
  nlohmann::json config = TinyConfig("lrt");
  config["rank"] = 16;
  const auto lrt = MustBuild(config);
  const auto bert = MustBuild(dense_config);
  std::map<std::string, at::Tensor> from;
  for (const auto& [name, tensor] : bert->NamedTensors()) {
    from[name] = tensor;
  }
  const auto dense_name = [](const std::string& name, const std::string& end, const char* now) {
    return name.substr(0, name.size() - end.size()) + now;
  };
  for (auto [name, tensor] : lrt->NamedTensors()) {
    if (name.ends_with(".up.bias")) {
      tensor.copy_(from.at(dense_name(name, ".up.bias", ".bias")));
    } else if (name.ends_with(".down.weight")) {
      const at::Tensor w = from.at(dense_name(name, ".down.weight", ".weight"));
      tensor.copy_(w.size(1) > 16 ? w : ops::Eye(16, at::kFloat, at::kCPU));
    } else if (name.ends_with(".up.weight")) {
      const at::Tensor w = from.at(dense_name(name, ".up.weight", ".weight"));
      tensor.copy_(w.size(1) > 16 ? ops::Eye(16, at::kFloat, at::kCPU) : w);
    } else {
      tensor.copy_(from.at(name));
    }
  }
  const Inputs inputs = TinyInputs("lrt", kTinyLength, 1);
  EXPECT_LT(
      ScaledDifference(Infer(*lrt, inputs), Infer(*bert, inputs), inputs.at("attention_mask")),
      1e-5);
}

}  // namespace
}  // namespace cusp::models
