#include "catalog/vision/images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/catalog.h"
#include "catalog/config.h"

namespace cusp::catalog {
namespace {

using ::testing::HasSubstr;

ConfigOutcome Complete(std::string_view overrides, bool profiling = true) {
  ConfigRequest request;
  request.model = FindModel("vit");
  request.overrides_json = overrides;
  request.profiling = profiling;
  return CompleteConfigOf(request);
}

TEST(ImagesTest, PatchesFillUp) {
  const nlohmann::json config = {{"patch_size", 16}};
  EXPECT_EQ(PatchesAlong(config, 1), 1);
  EXPECT_EQ(PatchesAlong(config, 224), 14);
  EXPECT_EQ(PatchesAlong(config, 225), 15);
}

TEST(VitRulesTest, TokensArePatchesAndTheClass) {
  const ConfigOutcome outcome = Complete("");
  const auto config = nlohmann::json::parse(outcome.config.json);
  EXPECT_EQ(FindModel("vit")->rules.tokens(config, 224), 14 * 14 + 1);
  EXPECT_EQ(outcome.config.quantum, 16);
  EXPECT_EQ(outcome.config.limits.min, 1);
  EXPECT_EQ(Complete("", /*profiling=*/false).config.limits.min, 16);
}

TEST(VitRulesTest, CountsParametersOfVitBase) {
  // google/vit-base-patch16-224 without pooler and head.
  EXPECT_DOUBLE_EQ(Complete("").config.parameters, 85'798'656.0);
}

TEST(VitRulesTest, PatchLargerThanTheImageIsRefused) {
  EXPECT_THAT(Complete(R"({"patch_size": 300})").faults[0].fault.message,
              HasSubstr("exceeds image_size 224"));
}

}  // namespace
}  // namespace cusp::catalog
