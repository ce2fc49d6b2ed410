#include "findings/plan_options.h"

#include <gmock/gmock.h>

namespace cusp::findings {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

v1::JobSpec SpecOf(int baselines, int candidates) {
  v1::JobSpec spec;
  for (int i = 0; i < baselines; ++i) {
    spec.add_baselines();
  }
  for (int i = 0; i < candidates; ++i) {
    spec.add_candidates();
  }
  spec.mutable_lengths()->set_min(64);
  spec.mutable_lengths()->set_max(512);
  return spec;
}

std::vector<catalog::ResolvedVariant> Padded(const std::vector<int64_t>& quanta) {
  std::vector<catalog::ResolvedVariant> variants(quanta.size());
  for (size_t i = 0; i < quanta.size(); ++i) {
    variants[i].quantum = quanta[i];
  }
  return variants;
}

TEST(PlanOptionsTest, EachCandidateMeetsEachBaseline) {
  EXPECT_THAT(PairsOf(SpecOf(2, 2)), ElementsAre(Pair(0, 2), Pair(0, 3), Pair(1, 2), Pair(1, 3)));
}

TEST(PlanOptionsTest, PaddingCountsAsFarAsTheJobSeesIt) {
  v1::JobSpec spec = SpecOf(1, 1);
  const std::vector<catalog::ResolvedVariant> variants = Padded({1, 64});
  const auto options = PlanOptionsFor(spec, v1::MODE_INFERENCE, v1::METRIC_LATENCY, variants);
  EXPECT_EQ(options.paddings[1].quantum, 64);
  EXPECT_EQ(options.min_length, 64);
  EXPECT_FALSE(options.exact);
  EXPECT_TRUE(PlanOptionsFor(spec, v1::MODE_INFERENCE, v1::METRIC_PEAK_MEMORY, variants).exact);
  spec.mutable_lengths()->set_quantum(128);
  EXPECT_EQ(
      PlanOptionsFor(spec, v1::MODE_INFERENCE, v1::METRIC_LATENCY, variants).paddings[1].quantum,
      1);
}

TEST(PlanOptionsTest, SingleTokensAreNotPadded) {
  const auto options =
      PlanOptionsFor(SpecOf(1, 1), v1::MODE_DECODE, v1::METRIC_LATENCY, Padded({64, 64}));
  EXPECT_EQ(options.paddings[0].quantum, 1);
}

TEST(PlanOptionsTest, DearMetricsAreMeasuredOnACoarseGrid) {
  v1::JobSpec spec = SpecOf(1, 1);
  spec.mutable_lengths()->set_max(2048);
  const auto options = [&](v1::Metric metric) {
    return PlanOptionsFor(spec, v1::MODE_INFERENCE, metric, Padded({1, 1}));
  };
  EXPECT_TRUE(options(v1::METRIC_LATENCY).list.empty());
  EXPECT_THAT(options(v1::METRIC_COMPONENTS).list, ElementsAre(64, 128, 256, 512, 1024, 2048));
  EXPECT_EQ(options(v1::METRIC_COMPONENTS).max_blocks, 8);
  EXPECT_EQ(options(v1::METRIC_LARGEST_BATCH).list.size(), 4U);
  EXPECT_TRUE(options(v1::METRIC_LARGEST_BATCH).exact);
  for (const int64_t length : {100, 300}) {
    spec.mutable_lengths()->add_list(length);
  }
  EXPECT_THAT(options(v1::METRIC_COMPONENTS).list, ElementsAre(100, 300));
}

}  // namespace
}  // namespace cusp::findings
