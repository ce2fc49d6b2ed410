#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"

namespace cusp::models {
namespace {

TEST(LinformerTest, IdentityProjectionIsFullAttention) {
  nlohmann::json config = TinyConfig("linformer");
  config["linformer_k"] = kTinyLength;
  const auto linformer = MustBuild(config);
  const auto bert = MustBuild(TinyConfig("bert"));
  std::map<std::string, at::Tensor> from;
  for (const auto& [name, tensor] : bert->NamedTensors()) {
    from[name] = tensor;
  }
  for (auto [name, tensor] : linformer->NamedTensors()) {
    if (name.ends_with(".E") || name.ends_with(".F")) {
      tensor.zero_();
      tensor.narrow(0, 0, kTinyLength).copy_(ops::Eye(kTinyLength, at::kFloat, at::kCPU));
    } else {
      tensor.copy_(from.at(name));
    }
  }
  Inputs inputs = TinyInputs("bert", kTinyLength, 1);
  inputs.erase("attention_mask");
  EXPECT_LT(ScaledDifference(Infer(*linformer, inputs), Infer(*bert, inputs)), 1e-5);
}

}  // namespace
}  // namespace cusp::models
