#include "worker/daemon/backoff.h"

#include <gtest/gtest.h>

namespace cusp::worker {
namespace {

using std::chrono::milliseconds;

TEST(BackoffTest, GrowsToItsLimitAndStartsOver) {
  Backoff backoff(1);
  EXPECT_LE(backoff.Next(), milliseconds(200));
  milliseconds last{0};
  for (int i = 0; i < 100; ++i) {
    last = backoff.Next();
    EXPECT_GE(last, milliseconds(100));
    EXPECT_LE(last, milliseconds(5000));
  }
  EXPECT_GE(last, milliseconds(2500));
  EXPECT_EQ(backoff.tries(), 101);
  backoff.Reset();
  EXPECT_LE(backoff.Next(), milliseconds(200));
}

TEST(BackoffTest, WorkersDoNotReturnTogether) { EXPECT_NE(Backoff(1).Next(), Backoff(2).Next()); }

}  // namespace
}  // namespace cusp::worker
