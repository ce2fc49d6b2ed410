#include "catalog/vision/images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/catalog.h"
#include "catalog/config.h"
#include "tests/catalog/completion.h"

namespace cusp::catalog {
namespace {

using ::testing::HasSubstr;

TEST(ImagesTest, PatchesFillUp) {
  const nlohmann::json config = {{"patch_size", 16}};
  EXPECT_EQ(PatchesAlong(config, 1), 1);
  EXPECT_EQ(PatchesAlong(config, 224), 14);
  EXPECT_EQ(PatchesAlong(config, 225), 15);
}

TEST(VitRulesTest, TokensArePatchesAndTheClass) {
  const ConfigOutcome outcome = Complete("vit", "");
  const auto config = Parsed(outcome);
  EXPECT_EQ(FindModel("vit")->rules.tokens(config, 224), 14 * 14 + 1);
  EXPECT_EQ(outcome.config.quantum, 16);
  EXPECT_EQ(outcome.config.limits.min, 1);
  EXPECT_EQ(Complete("vit", "", {.profiling = false}).config.limits.min, 16);
}

TEST(VitRulesTest, CountsParametersOfVitBase) {
  // google/vit-base-patch16-224 without pooler and head.
  EXPECT_DOUBLE_EQ(Complete("vit", "").config.parameters, 85'798'656.0);
}

TEST(VitRulesTest, PatchLargerThanTheImageIsRefused) {
  EXPECT_THAT(Complete("vit", R"({"patch_size": 300})").faults[0].fault.message,
              HasSubstr("exceeds image_size 224"));
}

}  // namespace
}  // namespace cusp::catalog
