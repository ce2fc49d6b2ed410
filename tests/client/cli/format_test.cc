#include "client/cli/format.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace cusp::client {
namespace {

TEST(FormatTest, SinceIsADateOrATimeAgo) {
  constexpr int64_t kNow = 1'800'000'000;
  EXPECT_EQ(*ParseSince("2026-11-01", kNow), 1'793'491'200);
  EXPECT_EQ(*ParseSince("30d", kNow), kNow - 30 * 86'400);
  EXPECT_EQ(*ParseSince("1h30m", kNow), kNow - 5400);
  for (const char* text : {"", "d", "x", "30w", "2026-13-01", "2026-11-31", "-3d", "999999d"}) {
    EXPECT_FALSE(ParseSince(text, kNow).ok()) << text;
  }
}

TEST(FormatTest, DeadlineIsATimeFromNowOrAMoment) {
  constexpr int64_t kNow = int64_t{1'800'000'000} * 1'000'000;
  EXPECT_THAT(ParseDeadline("2h", kNow), IsOkAndHolds(kNow + int64_t{7200} * 1'000'000));
  EXPECT_THAT(ParseDeadline("2027-01-15T08:00:01Z", kNow), IsOkAndHolds(kNow + 1'000'000));
  EXPECT_THAT(ParseDeadline("2027-01-15T10:00:01+02:00", kNow), IsOkAndHolds(kNow + 1'000'000));
  for (const char* text : {"", "soon", "-2h", "2027-01-15", "2027-01-15 08:00:01", "infinite-past",
                           "infinite-future"}) {
    EXPECT_THAT(ParseDeadline(text, kNow),
                StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr("no deadline")))
        << text;
  }
  EXPECT_THAT(ParseDeadline("2027-01-15T08:00:00Z", kNow),
              StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr("has passed")));
}

TEST(FormatTest, TimesAreInUtcToTheMinute) {
  google::protobuf::Timestamp time;
  EXPECT_EQ(FormatTime(time), "-");
  time.set_seconds(1'767'225'599);
  EXPECT_EQ(FormatTime(time), "2025-12-31 23:59");
}

TEST(FormatTest, CountsAreGrouped) {
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1000), "1,000");
  EXPECT_EQ(FormatCount(1234567), "1,234,567");
  EXPECT_EQ(FormatCount(-1234), "-1,234");
}

TEST(FormatTest, LengthsAreInTheirUnit) {
  EXPECT_EQ(FormatLength(1180.4, v1::LENGTH_UNIT_TOKENS), "1,180");
  EXPECT_EQ(FormatLength(16'000, v1::LENGTH_UNIT_SECONDS), "1");
  EXPECT_EQ(FormatLength(400, v1::LENGTH_UNIT_SECONDS), "0.025");
  EXPECT_EQ(FormatLength(52'231.7, v1::LENGTH_UNIT_SECONDS), "3.264");
}

TEST(FormatTest, SecondsHaveThreeDigitsInTheirUnit) {
  EXPECT_EQ(FormatSeconds(1.1849), "1.18 s");
  EXPECT_EQ(FormatSeconds(0.0123), "12.3 ms");
  EXPECT_EQ(FormatSeconds(0.000456), "456 µs");
  EXPECT_EQ(FormatSeconds(3e-9), "3.00 ns");
  EXPECT_EQ(FormatSeconds(0.0009999), "1.00 ms");
  EXPECT_EQ(FormatSeconds(125), "125 s");
}

TEST(FormatTest, BytesHaveBinaryUnits) {
  EXPECT_EQ(FormatBytes(0), "0 B");
  EXPECT_EQ(FormatBytes(512), "512 B");
  EXPECT_EQ(FormatBytes(12.3 * 0x1p20), "12.3 MiB");
  EXPECT_EQ(FormatBytes(1.5 * 0x1p30), "1.50 GiB");
}

TEST(FormatTest, SharesBelowTenPerCentHaveATenth) {
  EXPECT_EQ(FormatPercent(0), "0.0");
  EXPECT_EQ(FormatPercent(0.0514), "5.1");
  EXPECT_EQ(FormatPercent(0.0996), "10");
  EXPECT_EQ(FormatPercent(-0.5), "-50");
}

TEST(FormatTest, CostsHaveTheUnitOfTheirMetric) {
  EXPECT_EQ(FormatCost(v1::METRIC_LATENCY, 0.002), "2.00 ms");
  EXPECT_EQ(FormatCost(v1::METRIC_PEAK_MEMORY, 0x1p20), "1.00 MiB");
  EXPECT_EQ(FormatCost(v1::METRIC_THROUGHPUT, 12.5), "12.5/s");
  EXPECT_EQ(FormatCost(v1::METRIC_ENERGY, 3), "3.00 J");
  EXPECT_EQ(FormatCost(v1::METRIC_FLOPS, 2.5e9), "2.50 GFLOP");
}

TEST(FormatTest, DurationsShowWhatMatters) {
  using std::chrono::seconds;
  EXPECT_EQ(FormatDuration(seconds(-3)), "0s");
  EXPECT_EQ(FormatDuration(seconds(45)), "45s");
  EXPECT_EQ(FormatDuration(seconds(130)), "2m10s");
  EXPECT_EQ(FormatDuration(seconds(3 * 3600 + 5 * 60)), "3h05m");
}

TEST(FormatTest, AgesAreRoughAndNeverNegative) {
  google::protobuf::Timestamp time;
  EXPECT_EQ(FormatAgo(time, 1000), "-");
  time.set_seconds(1000);
  EXPECT_EQ(FormatAgo(time, 900), "just now");
  EXPECT_EQ(FormatAgo(time, 1030), "30s ago");
  EXPECT_EQ(FormatAgo(time, 1000 + 300), "5m ago");
  EXPECT_EQ(FormatAgo(time, 1000 + 7200), "2h ago");
  EXPECT_EQ(FormatAgo(time, 1000 + 3 * 86400), "3d ago");
}

TEST(FormatTest, DurationsAreRead) {
  using std::chrono::milliseconds;
  EXPECT_THAT(ParseDuration("90s"), IsOkAndHolds(milliseconds(90'000)));
  EXPECT_THAT(ParseDuration("10m"), IsOkAndHolds(milliseconds(600'000)));
  EXPECT_THAT(ParseDuration("1h30m"), IsOkAndHolds(milliseconds(5'400'000)));
  EXPECT_THAT(ParseDuration("1.5"), IsOkAndHolds(milliseconds(1'500)));
}

TEST(FormatTest, WhatIsNoDurationIsRefusedWithTheForm) {
  for (const char* text : {"", "0", "-5s", "10 m", "ten", "1d", "inf", "99999999h"}) {
    EXPECT_THAT(ParseDuration(text),
                StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr("90s")))
        << text;
  }
}

TEST(FormatTest, LifetimesHaveDaysToo) {
  EXPECT_THAT(ParseLifetime("90d"), IsOkAndHolds(std::chrono::hours(90 * 24)));
  EXPECT_THAT(ParseLifetime("12h"), IsOkAndHolds(std::chrono::hours(12)));
  for (const char* bad : {"", "d", "0d", "-1d", "36501d", "0.1s", "soon"}) {
    EXPECT_THAT(ParseLifetime(bad), StatusIs(absl::StatusCode::kInvalidArgument)) << bad;
  }
}

}  // namespace
}  // namespace cusp::client
