#include "catalog/vision/swin_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "catalog/config.h"
#include "tests/catalog/completion.h"

namespace cusp::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<int64_t> Windows(const CompleteConfig& config, int64_t pixels, bool fixed) {
  std::vector<int64_t> windows;
  ForEachSwinStage(nlohmann::json::parse(config.json), pixels, fixed,
                   [&](const SwinStage& stage) { windows.push_back(stage.window); });
  return windows;
}

TEST(SwinRulesTest, NothingIsFilledUpAtTheQuantum) {
  const CompleteConfig config = CompleteSize("swin-tiny");
  EXPECT_EQ(config.quantum, 224);
  ForEachSwinStage(nlohmann::json::parse(config.json), 224, false,
                   [](const SwinStage& stage) { EXPECT_EQ(stage.side, stage.padded); });
}

TEST(SwinRulesTest, WindowsAreClampedByTheInputOrTheImageSize) {
  EXPECT_THAT(Windows(CompleteSize("swin-tiny"), 64, false), ElementsAre(7, 7, 4, 2));
  EXPECT_THAT(Windows(CompleteSize("swinv2-base-w16-256"), 64, true), ElementsAre(16, 16, 16, 8));
}

TEST(SwinRulesTest, CountsParametersOfThePublishedSizes) {
  // Without classifiers: 28,288,354 of Swin-T has 769,000 of it, 28,347,154 of V2 too.
  EXPECT_DOUBLE_EQ(ParametersOf("swin-tiny"), 28'288'354.0 - 769'000);
  EXPECT_DOUBLE_EQ(ParametersOf("swinv2-tiny-w8-256"), 28'347'154.0 - 769'000);
}

TEST(SwinRulesTest, FaultsNameTheKey) {
  EXPECT_THAT(Complete("swin", R"({"num_heads": [3, 6]})").faults[0].fault.message,
              HasSubstr("2 values for 4 stages"));
  EXPECT_THAT(Complete("swin", R"({"num_heads": [5, 6, 12, 24]})").faults[0].fault.message,
              HasSubstr("not a multiple of its 5 heads"));
  EXPECT_THAT(Complete("swinv2", R"({"image_size": 16})").faults[0].fault.message,
              HasSubstr("no patch for the last"));
  EXPECT_THAT(Complete("swin", R"({"use_absolute_embeddings": true})").faults[0].fault.message,
              HasSubstr("only false"));
}

}  // namespace
}  // namespace cusp::catalog
