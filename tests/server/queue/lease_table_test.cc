#include "server/queue/lease_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace cusp::server
