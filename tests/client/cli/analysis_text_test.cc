#include "client/cli/analysis_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace cusp::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

AnalyzedComparison Crossing(int crossings) {
  AnalyzedComparison analyzed;
  analyzed.group = {"peak_memory", "inference", "float32", ""};
  analyzed.comparison.set_baseline("bert");
  analyzed.comparison.set_candidate("longformer");
  analyzed.comparison.set_range_min(64);
  analyzed.comparison.set_range_max(4096);
  analyzed.comparison.set_verdict(v1::VERDICT_CROSSES);
  for (int i = 0; i < crossings; ++i) {
    v1::Crossing& crossing = *analyzed.comparison.add_crossings();
    crossing.set_length(1000 + i);
    crossing.set_low(990 + i);
    crossing.set_high(1010 + i);
    crossing.set_direction(i % 2 == 0 ? v1::DIRECTION_CHEAPER : v1::DIRECTION_DEARER);
  }
  *analyzed.comparison.mutable_first() = analyzed.comparison.crossings(0);
  analyzed.at_min = {1.5, 2};
  analyzed.at_max = {std::numeric_limits<double>::infinity(), 3};
  return analyzed;
}

TEST(AnalysisTextTest, ShowsVerdictAndBothEnds) {
  Analysis analysis;
  analysis.comparisons = {Crossing(1)};
  EXPECT_THAT(RenderAnalysis(analysis),
              AllOf(HasSubstr("peak memory, inference, float32"), HasSubstr("crosses at 1,000"),
                    HasSubstr("64: 2 / 1.5"), HasSubstr("4,096: 3 / oom")));
}

TEST(AnalysisTextTest, ManyCrossingsAreCounted) {
  Analysis analysis;
  analysis.comparisons = {Crossing(9)};
  EXPECT_THAT(RenderAnalysis(analysis), HasSubstr("crosses 9 times, first cheaper at 1,000"));
}

TEST(AnalysisTextTest, EachGroupHasATitle) {
  Analysis analysis;
  analysis.comparisons = {Crossing(1), Crossing(1)};
  analysis.comparisons[1].group.batch_size = "8";
  EXPECT_THAT(RenderAnalysis(analysis), HasSubstr("\n\npeak memory, inference, float32, batch 8"));
}

}  // namespace
}  // namespace cusp::client
