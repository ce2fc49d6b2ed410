#include "worker/models/vision/swin_backbone.h"

#include <gtest/gtest.h>

#include "tests/worker/models/tiny_models.h"

namespace cusp::models {
namespace {

TEST(SwinBackboneTest, StagesAreSeenBeforeTheirPatchesAreMerged) {
  const auto config = Config::Parse(TinyConfig("swin").dump(), true, 32);
  ParameterStore store({});
  SwinBackbone backbone(store, *config, {}, SwinVersion::kOne);
  std::vector<std::vector<int64_t>> seen;
  const FeatureMap last = backbone(RandomNormal({1, 3, 20, 28}, 1), [&seen](const FeatureMap& map) {
    seen.push_back({map.height, map.width, map.x.size(1), map.x.size(2)});
  });
  EXPECT_EQ(seen, (std::vector<std::vector<int64_t>>{{5, 7, 35, 8}, {3, 4, 12, 16}}));
  EXPECT_EQ(last.x.sizes(), at::IntArrayRef({1, 12, 16}));
}

TEST(SwinBackboneTest, PathsAreDroppedInTrainingAlone) {
  for (const char* type : {"swin", "swinv2"}) {
    nlohmann::json config = TinyConfig(type);
    const Inputs inputs = {{"pixel_values", RandomNormal({16, 3, 20, 28}, 1)}};
    const at::Tensor whole = Infer(*MustBuild(config), inputs);
    config["drop_path_rate"] = 0.5;
    EXPECT_TRUE(Infer(*MustBuild(config), inputs).equal(whole)) << type;
    EXPECT_FALSE(Infer(*MustBuild(config, {.training = true}), inputs).equal(whole)) << type;
  }
}

TEST(SwinBackboneTest, BatchOfTwoEqualsTwoOfOne) {
  for (const char* type : {"swin", "swinv2", "ssformer"}) {
    const auto model = MustBuild(TinyConfig(type));
    const at::Tensor pixels = RandomNormal({2, 3, 21, 34}, 1);
    const at::Tensor both = Infer(*model, {{"pixel_values", pixels}});
    for (const int64_t i : {0, 1}) {
      EXPECT_LT(ScaledDifference(Infer(*model, {{"pixel_values", pixels.narrow(0, i, 1)}}),
                                 both.narrow(0, i, 1)),
                1e-5)
          << type;
    }
  }
}

}  // namespace
}  // namespace cusp::models
