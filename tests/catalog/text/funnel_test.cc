#include "catalog/text/funnel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/catalog.h"
#include "catalog/config.h"
#include "tests/catalog/completion.h"

namespace cusp::catalog {
namespace {

using ::testing::ElementsAre;

double MixingFlops(const nlohmann::json& config, int64_t length) {
  CostTally tally({.length = length});
  FindModel("funnel")->rules.cost(config, tally.work(), tally);
  return tally[Component::kMixing].flops;
}

TEST(FunnelRulesTest, PoolingRoundsUp) {
  nlohmann::json config = {{"separate_cls", true}, {"truncate_seq", true}};
  EXPECT_EQ(FunnelPooled(config, 10), 5);
  EXPECT_EQ(FunnelPooled(config, 11), 6);
  EXPECT_EQ(FunnelPooled(config, 2), 2);
  config["truncate_seq"] = false;
  EXPECT_EQ(FunnelPooled(config, 10), 6);
  EXPECT_EQ(FunnelPooled(config, 11), 6);
  config["separate_cls"] = false;
  EXPECT_EQ(FunnelPooled(config, 10), 5);
  EXPECT_EQ(FunnelPooled(config, 2), 1);
  EXPECT_EQ(FunnelPooled(config, 1), 1);
}

TEST(FunnelRulesTest, PresetsHaveThreeBlocksWhereTheirLayersAllow) {
  EXPECT_THAT(Completed("funnel", "", {.preset = "tiny"})["block_sizes"], ElementsAre(1, 1));
  EXPECT_THAT(Completed("funnel", "", {.preset = "small"})["block_sizes"], ElementsAre(2, 1, 1));
  EXPECT_THAT(Completed("funnel", "", {.preset = "base"})["block_sizes"], ElementsAre(4, 4, 4));
  EXPECT_THAT(Completed("funnel", "", {.preset = "base"})["block_repeats"], ElementsAre(1, 1, 1));
  EXPECT_EQ(Complete("funnel", "", {.preset = "base"}).config.quantum, 4);
}

TEST(FunnelRulesTest, CountsParametersOfFunnelSmall) {
  EXPECT_DOUBLE_EQ(Complete("funnel", "").config.parameters, 130'973'184.0);
}

TEST(FunnelRulesTest, RepeatedLayersCostAgainAndHaveTheirParametersOnce) {
  const ConfigOutcome once = Complete("funnel", R"({"block_sizes": [1, 2]})");
  const ConfigOutcome twice =
      Complete("funnel", R"({"block_sizes": [1, 1], "block_repeats": [1, 2]})");
  EXPECT_DOUBLE_EQ(MixingFlops(Parsed(once), 512), MixingFlops(Parsed(twice), 512));
  EXPECT_LT(twice.config.parameters, once.config.parameters);
}

TEST(FunnelRulesTest, EncoderAndDecoderShareTheirLayersEach) {
  const auto parameters = [](const std::string& more) {
    return Complete("funnel", R"({"block_sizes": )" + more + "}").config.parameters;
  };
  EXPECT_EQ(parameters(R"([3, 2], "block_repeats": [1, 2], "share_layers": true)"),
            parameters(R"([1], "num_decoder_layers": 1)"));
  EXPECT_EQ(parameters(R"([3, 2], "num_decoder_layers": 0, "share_layers": true)"),
            parameters(R"([1], "num_decoder_layers": 0)"));
}

// Work on all distances would be 2 n for each query.
TEST(FunnelRulesTest, QueriesMeetFewMoreDistancesThanKeys) {
  const nlohmann::json config =
      Completed("funnel", R"({"block_sizes": [1], "num_decoder_layers": 0})");
  const double n = 8192;
  const double products = 2 * n * n * 768;
  EXPECT_LT(MixingFlops(config, 8192) / products, 3.3);
}

}  // namespace
}  // namespace cusp::catalog
