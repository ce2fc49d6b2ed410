#include "client/cli/history_text.h"

#include <gmock/gmock.h>

#include "tests/client/example_job.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(HistoryTextTest, RowHasVerdictDeviceVersionsAndProvenance) {
  const std::string text = RenderHistory({ExampleEntry("k3f9", 1000)});
  EXPECT_THAT(text, StartsWith("ended (UTC)"));
  EXPECT_THAT(text,
              HasSubstr("2026-01-01 00:00  k3f9  bert      longformer  latency  inference  "
                        "float32  crosses at 1,000 tokens (900–1,100)  -      Fast CPU, 2 threads  "
                        "-/2.11.0/0.1.0     0a1b2c3d"));
  EXPECT_THAT(text, Not(HasSubstr("*")));
  EXPECT_THAT(text, Not(HasSubstr("batch")));
}

TEST(HistoryTextTest, ChangedRowsAreMarkedWithALegend) {
  const std::string text = RenderHistory({ExampleEntry("new", 2000), ExampleEntry("old", 1000)});
  EXPECT_THAT(text, HasSubstr("\n*  2026-01-01 00:00  new"));
  EXPECT_THAT(text, HasSubstr("\n   2026-01-01 00:00  old"));
  EXPECT_THAT(text, HasSubstr("\n* the tipping point moved beyond the intervals"));
}

TEST(HistoryTextTest, TrendIsToTheSameComparisonBefore) {
  v1::HistoryEntry never = ExampleEntry("never", 1000);
  never.mutable_comparison()->set_verdict(v1::VERDICT_NEVER);
  never.mutable_comparison()->clear_persistent();
  const std::string text = RenderHistory(
      {ExampleEntry("d", 950), ExampleEntry("c", 1000), never, ExampleEntry("a", 1000)});
  EXPECT_THAT(text, HasSubstr("  -5.0 %       Fast CPU"));
  EXPECT_THAT(text, HasSubstr("  was never    Fast CPU"));
  EXPECT_THAT(text, HasSubstr("  was crosses  "));
}

TEST(HistoryTextTest, BatchSizesStandWhereTheyDiffer) {
  v1::HistoryEntry batched = ExampleEntry("b", 1000);
  batched.mutable_comparison()->set_batch_size(8);
  EXPECT_THAT(RenderHistory({batched, ExampleEntry("a", 1000)}), HasSubstr("batch"));
}

TEST(HistoryTextTest, RowsOfOldDatabasesHaveDashes) {
  v1::HistoryEntry entry = ExampleEntry("a", 1000);
  entry.clear_provenance();
  EXPECT_THAT(RenderHistory({entry}), HasSubstr("-/-/-"));
}

}  // namespace
}  // namespace cusp::client
