#include "server/queue/lease_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/fake_clock.h"

namespace cusp::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(LeaseTableTest, LeaseLastsItsTimeAndNoLonger) {
  FakeClock clock;
  LeaseTable leases;
  leases.Renew({7, 1}, clock.Now());
  clock.Advance(kLeaseTime - std::chrono::nanoseconds(1));
  EXPECT_THAT(leases.Expired(clock.Now()), IsEmpty());
  clock.Advance(std::chrono::nanoseconds(1));
  EXPECT_THAT(leases.Expired(clock.Now()), ElementsAre(LeaseKey{7, 1}));
  EXPECT_TRUE(leases.HasExpired({7, 1}, clock.Now()));
}

TEST(LeaseTableTest, RenewedLeaseStartsAnew) {
  FakeClock clock;
  LeaseTable leases;
  leases.Renew({7, 1}, clock.Now());
  clock.Advance(kLeaseTime);
  leases.Renew({7, 1}, clock.Now());
  EXPECT_FALSE(leases.HasExpired({7, 1}, clock.Now()));
}

TEST(LeaseTableTest, ReleasedLeaseNeverExpires) {
  FakeClock clock;
  LeaseTable leases;
  leases.Renew({7, 1}, clock.Now());
  leases.Renew({8, 1}, clock.Now());
  leases.Release({7, 1});
  clock.Advance(kLeaseTime);
  EXPECT_THAT(leases.Expired(clock.Now()), ElementsAre(LeaseKey{8, 1}));
  EXPECT_FALSE(leases.HasExpired({7, 1}, clock.Now()));
  EXPECT_EQ(leases.size(), 1U);
}

TEST(LeaseTableTest, SettingTheDateExpiresNothing) {
  FakeClock clock;
  LeaseTable leases;
  leases.Renew({7, 1}, clock.Now());
  clock.SetWallMicros(clock.WallMicros() + 86'400'000'000);
  EXPECT_THAT(leases.Expired(clock.Now()), IsEmpty());
}

TEST(HoldUntilTest, IsWithinOneIntervalAndTheSameMomentOfEach) {
  FakeClock clock;
  const Clock::Monotonic first = HoldUntil("w", clock.Now());
  EXPECT_GT(first, clock.Now());
  EXPECT_LE(first, clock.Now() + kSyncInterval);
  EXPECT_EQ(HoldUntil("w", first), first + kSyncInterval);
  EXPECT_EQ(HoldUntil("w", first - std::chrono::nanoseconds(1)), first);
  // Also before the clock's own start.
  const Clock::Monotonic early{-std::chrono::hours(1)};
  EXPECT_GT(HoldUntil("w", early), early);
  EXPECT_LE(HoldUntil("w", early), early + kSyncInterval);
}

TEST(HoldUntilTest, WorkersThatComeTogetherAreSpread) {
  constexpr int kWorkers = 1000;
  constexpr int kSlices = 10;
  FakeClock clock;
  std::vector<int> slices(kSlices);
  for (int i = 0; i < kWorkers; ++i) {
    const Clock::Duration wait =
        HoldUntil("worker-" + std::to_string(i), clock.Now()) - clock.Now();
    ++slices.at(
        static_cast<size_t>((wait.count() - 1) * kSlices / Clock::Duration(kSyncInterval).count()));
  }
  // 100 +- 9.5 in each, were they drawn by chance.
  for (const int count : slices) {
    EXPECT_NEAR(count, kWorkers / kSlices, 50);
  }
}

}  // namespace
}  // namespace cusp::server
