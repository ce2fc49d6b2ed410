#include "client/lib/history.h"

#include <gmock/gmock.h>

#include "tests/client/example_job.h"

namespace cusp::client {
namespace {

using ::testing::ElementsAre;

v1::HistoryEntry WithVerdict(v1::Verdict verdict) {
  v1::HistoryEntry entry = ExampleEntry("x", 1000);
  entry.mutable_comparison()->set_verdict(verdict);
  entry.mutable_comparison()->clear_crossings();
  entry.mutable_comparison()->clear_persistent();
  return entry;
}

TEST(HistoryTest, OnlyIntervalsThatDoNotOverlapAreAChange) {
  const std::vector<v1::HistoryEntry> entries = {ExampleEntry("newest", 1500),
                                                 ExampleEntry("c", 1100), ExampleEntry("b", 1200),
                                                 ExampleEntry("oldest", 1000)};
  EXPECT_THAT(ChangedBeyondIntervals(entries), ElementsAre(true, false, false, false));
}

TEST(HistoryTest, EachSeriesIsComparedWithItself) {
  v1::HistoryEntry other = ExampleEntry("other", 3000);
  other.set_series("other");
  EXPECT_THAT(ChangedBeyondIntervals({ExampleEntry("b", 1000), other, ExampleEntry("a", 1000)}),
              ElementsAre(false, false, false));
  EXPECT_THAT(ChangedBeyondIntervals({ExampleEntry("b", 2000), other, ExampleEntry("a", 1000)}),
              ElementsAre(true, false, false));
}

TEST(HistoryTest, NeverAndAlwaysLieBeyondTheEndsOfTheRange) {
  const v1::HistoryEntry crosses = ExampleEntry("a", 1000);
  EXPECT_THAT(ChangedBeyondIntervals({WithVerdict(v1::VERDICT_NEVER), crosses}),
              ElementsAre(true, false));
  EXPECT_THAT(ChangedBeyondIntervals({WithVerdict(v1::VERDICT_ALWAYS), crosses}),
              ElementsAre(true, false));
  EXPECT_THAT(
      ChangedBeyondIntervals({WithVerdict(v1::VERDICT_NEVER), WithVerdict(v1::VERDICT_NEVER)}),
      ElementsAre(false, false));
  // An interval that reaches to the end of the range does not contradict `never`.
  EXPECT_THAT(ChangedBeyondIntervals({WithVerdict(v1::VERDICT_NEVER), ExampleEntry("a", 4000)}),
              ElementsAre(false, false));
  // An order that turns back never stays cheaper.
  EXPECT_THAT(ChangedBeyondIntervals({WithVerdict(v1::VERDICT_CROSSES), crosses}),
              ElementsAre(true, false));
}

TEST(HistoryTest, UndecidedIsPassedOver) {
  EXPECT_THAT(ChangedBeyondIntervals({ExampleEntry("c", 2000), WithVerdict(v1::VERDICT_UNDECIDED),
                                      ExampleEntry("a", 1000)}),
              ElementsAre(true, false, false));
}

TEST(HistoryTest, TrendIsAgainstTheNextOlderThatTellsSomething) {
  v1::HistoryEntry other = ExampleEntry("other", 3000);
  other.set_series("other");
  const std::vector<v1::HistoryEntry> entries = {
      ExampleEntry("new", 1100), WithVerdict(v1::VERDICT_UNDECIDED), other,
      ExampleEntry("old", 1000), WithVerdict(v1::VERDICT_NEVER)};
  const std::vector<Trend> trends = TrendsOf(entries);
  ASSERT_TRUE(trends[0].change.has_value());
  EXPECT_NEAR(*trends[0].change, 0.1, 1e-12);
  EXPECT_EQ(trends[0].before, &entries[3]);
  EXPECT_EQ(trends[1].before, nullptr);
  EXPECT_EQ(trends[2].before, nullptr);
  EXPECT_EQ(trends[3].before, &entries[4]);
  EXPECT_FALSE(trends[3].change.has_value());
  EXPECT_EQ(trends[4].before, nullptr);
}

TEST(HistoryTest, JsonHasTheComparisonAndWhereItComesFrom) {
  const auto json = HistoryToJson({ExampleEntry("b", 2000), ExampleEntry("a", 1000)});
  ASSERT_EQ(json["history"].size(), 2U);
  const auto& newest = json["history"][0];
  EXPECT_EQ(newest["baseline"], "bert");
  EXPECT_EQ(newest["persistent"]["length"], 2000.0);
  EXPECT_EQ(newest["job"], "b");
  EXPECT_EQ(newest["name"], "text-encoders");
  EXPECT_EQ(newest["time"], "2026-01-01T00:00:53Z");
  EXPECT_EQ(newest["unit"], "tokens");
  EXPECT_EQ(newest["changed"], true);
  EXPECT_EQ(newest["provenance"]["id"], "0a1b2c3d");
  EXPECT_EQ(json["history"][1]["changed"], false);
}

TEST(HistoryTest, NothingIsAnEmptyList) {
  EXPECT_EQ(HistoryToJson({}).dump(), R"({"history":[]})");
}

}  // namespace
}  // namespace cusp::client
