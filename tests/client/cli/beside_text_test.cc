#include "client/cli/beside_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/example_job.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::vector<const v1::Cost*> Pointers(const std::vector<v1::Cost>& costs) {
  std::vector<const v1::Cost*> pointers;
  for (const v1::Cost& cost : costs) {
    pointers.push_back(&cost);
  }
  return pointers;
}

TEST(BesideTextTest, ComparisonsAreATable) {
  v1::Comparison comparison = ExampleResult().comparisons(0);
  comparison.set_metric(v1::METRIC_FIRST_TOKEN);
  EXPECT_EQ(BesideText({&comparison}, JobLengths(ExampleJob())),
            "  candidate   baseline  recorded beside  verdict\n"
            "  longformer  bert      first token      crosses at 1,180 tokens (1,110–1,240)\n");
  EXPECT_EQ(BesideText({}, JobLengths(ExampleJob())), "");
}

TEST(BesideTextTest, ComponentsOfTheLongestLengthAreShares) {
  const std::vector<v1::Cost> costs = {
      MakeCost("bert", v1::METRIC_COMPONENTS, 64, 1),
      MakeCost("bert", v1::METRIC_COMPONENTS, 4096, 10),
      MakeCost("bert", v1::METRIC_COMPONENT_FEED_FORWARD, 4096, 2.5),
      MakeCost("bert", v1::METRIC_COMPONENT_MIXING, 4096, 7.5),
      MakeCost("bert", v1::METRIC_COMPONENT_NORM, 4096, 0.001),
  };
  EXPECT_EQ(ComponentsText(Pointers(costs), JobLengths(ExampleJob())),
            "  bert at 4,096 tokens: mixing 75 %, feed forward 25 %\n");
}

TEST(BesideTextTest, PartsThatDoNotAddUpAreTold) {
  const std::vector<v1::Cost> costs = {MakeCost("bert", v1::METRIC_COMPONENTS, 64, 1),
                                       MakeCost("bert", v1::METRIC_COMPONENT_MIXING, 64, 1.2)};
  EXPECT_THAT(ComponentsText(Pointers(costs), JobLengths(ExampleJob())),
              HasSubstr("mixing 100 %; told apart, the step took 20 % longer"));
}

TEST(BesideTextTest, BatchesStandTogether) {
  v1::Cost lower_bound = MakeCost("bert", v1::METRIC_LARGEST_BATCH, 256, 8192);
  lower_bound.set_failure_message("larger ones were not tried");
  const std::vector<v1::Cost> costs = {MakeCost("bert", v1::METRIC_BEST_BATCH, 64, 16),
                                       MakeCost("bert", v1::METRIC_LARGEST_BATCH, 64, 4096),
                                       lower_bound,
                                       MakeCost("longformer", v1::METRIC_BEST_BATCH, 64, 8),
                                       MakeCost("bert", v1::METRIC_BEST_BATCH, 128, 16)};
  EXPECT_EQ(BatchesText(Pointers(costs), JobLengths(ExampleJob())),
            "  best batch (largest that fits) at 64 tokens: bert 16 (4,096), longformer 8 (-)\n"
            "  best batch (largest that fits) at 256 tokens: bert - (≥ 8,192)\n");
}

}  // namespace
}  // namespace cusp::client
