#include "server/store/commit_stats.h"

#include <gtest/gtest.h>

namespace cusp::server {
namespace {

using std::chrono::milliseconds;

TEST(CommitStatsTest, EachCommitCountsInOneBucket) {
  CommitStats stats;
  stats.Record(1, milliseconds(1), true, {.jobs_submitted = 1, .blocks = 2, .samples = 10});
  stats.Record(256, milliseconds(1500), true, {.jobs_submitted = 0, .blocks = 1, .samples = 5});
  stats.Record(257, milliseconds(10'000), true, {});
  const CommitStats::Snapshot snapshot = stats.Read();
  EXPECT_EQ(snapshot.seconds.counts[1], 1);   // up to 1 ms
  EXPECT_EQ(snapshot.seconds.counts[11], 1);  // up to 5 s
  EXPECT_EQ(snapshot.seconds.counts.back(), 1);
  EXPECT_DOUBLE_EQ(snapshot.seconds.sum, 11.501);
  EXPECT_EQ(snapshot.group_sizes.counts[0], 1);
  EXPECT_EQ(snapshot.group_sizes.counts[8], 1);
  EXPECT_EQ(snapshot.group_sizes.counts.back(), 1);
  EXPECT_EQ(snapshot.counts.jobs_submitted, 1);
  EXPECT_EQ(snapshot.counts.blocks, 3);
  EXPECT_EQ(snapshot.counts.samples, 15);
}

TEST(CommitStatsTest, WhatDidNotCommitIsNoWork) {
  CommitStats stats;
  stats.Record(3, milliseconds(1), false, {.jobs_submitted = 3, .blocks = 0, .samples = 0});
  const CommitStats::Snapshot snapshot = stats.Read();
  EXPECT_EQ(snapshot.failed, 1);
  EXPECT_EQ(snapshot.counts.jobs_submitted, 0);
  EXPECT_EQ(snapshot.seconds.counts[1], 0);
}

}  // namespace
}  // namespace cusp::server
