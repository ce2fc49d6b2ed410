#include <gtest/gtest.h>

#include <map>

#include "tests/worker/models/tiny_models.h"
#include "worker/models/layers/ops.h"
#include "worker/models/layers/ops_conv.h"
#include "worker/models/vision/swin_backbone.h"

namespace cusp::models {
namespace {

// The decoder, written plainly over the backbone's stages.
TEST(SsformerTest, DecoderMixesAllStagesAtTheFirstsSize) {
  const auto model = MustBuild(TinyConfig("ssformer"), {.seed = 3});
  std::map<std::string, at::Tensor> tensors;
  for (const auto& [name, tensor] : model->NamedTensors()) {
    tensors[name] = tensor;
  }
  const auto config = Config::Parse(TinyConfig("ssformer").dump(), true, 32);
  // The backbone draws first, so a store of the same seed gives it the same weights.
  ParameterStore store({.seed = 3, .initializer_range = 0.25});
  SwinBackbone backbone(store, *config, {}, SwinVersion::kOne);
  const at::Tensor pixels = RandomNormal({2, 3, 24, 20}, 1);
  at::Tensor sum = tensors.at("decode_head.linear_fuse.bias");
  int64_t stage = 0;
  backbone(pixels, [&](const FeatureMap& map) {
    const std::string name = "decode_head.linear_c." + std::to_string(stage) + ".proj";
    const at::Tensor y =
        map.x.matmul(tensors.at(name + ".weight").t()).add(tensors.at(name + ".bias"));
    const at::Tensor resized =
        ops::ResizeBilinear(y.transpose(1, 2).reshape({2, 16, map.height, map.width}), 6, 5);
    const at::Tensor weight =
        tensors.at("decode_head.linear_fuse.weight").narrow(1, 16 * stage, 16);
    sum = resized.flatten(2).transpose(1, 2).matmul(weight.t()).add(sum);
    ++stage;
  });
  EXPECT_EQ(stage, 2);
  EXPECT_LT(ScaledDifference(Infer(*model, {{"pixel_values", pixels}}), sum), 1e-5);
}

}  // namespace
}  // namespace cusp::models
