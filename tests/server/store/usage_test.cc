#include "server/store/usage.h"

#include "server/store/job_changes.h"
#include "server/store/requests.h"
#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

constexpr int64_t kSecond = 1'000'000;
const Actor kOwner{"u", false};

class UsageTest : public DatabaseTest {
 protected:
  // Seconds that the user of `job` has used by now.
  double UsedBy(const Job& job) {
    return UsageAt(LoadShare(*db_, job.owner_id)->usage, now_us_).seconds;
  }
};

TEST_F(UsageTest, LeaseIsChargedToTheOwnerWhileItRunsAndNoLonger) {
  const Job job = Insert("abc");
  const AttemptName name = LeaseTo("w");
  now_us_ += 100 * kSecond;
  EXPECT_NEAR(UsedBy(job), 100, 0.1);
  ASSERT_THAT(Finish(name, AttemptEnd::kSucceeded), IsOk());
  now_us_ += 100 * kSecond;
  EXPECT_NEAR(UsedBy(job), 100, 0.2);
  EXPECT_EQ(LoadShare(*db_, job.owner_id)->usage.running, 0);
}

TEST_F(UsageTest, LeasesOfSeveralWorkersAddUp) {
  const Job job = Insert("abc", 3);
  LeaseTo("a");
  now_us_ += 50 * kSecond;
  LeaseTo("b");
  now_us_ += 50 * kSecond;
  EXPECT_NEAR(UsedBy(job), 150, 0.2);
  EXPECT_EQ(LoadShare(*db_, job.owner_id)->turns, 2);
}

TEST_F(UsageTest, UserWithoutRowsHasUsedNothing) {
  Transaction tx = Tx();
  const auto id = EnsureUser(tx, "new");
  ASSERT_THAT(id, IsOk());
  const auto share = LoadShare(*db_, *id);
  ASSERT_THAT(share, IsOk());
  EXPECT_EQ(share->usage.seconds, 0);
  EXPECT_EQ(share->weight, 1);
  EXPECT_THAT(LastTurn(*db_, *id, "auto"), IsOkAndHolds(0));
}

TEST_F(UsageTest, LastTurnIsKeptForEachDevice) {
  const Job job = Insert("abc");
  LeaseTo("w");
  EXPECT_THAT(LastTurn(*db_, job.owner_id, "auto"), IsOkAndHolds(now_us_));
  EXPECT_THAT(LastTurn(*db_, job.owner_id, "cpu"), IsOkAndHolds(0));
}

// What the counters have to agree with, whatever happened.
TEST_F(UsageTest, CountsAgreeWithTheTablesAfterEveryWayOfEnding) {
  const auto expect_agreement = [&](const char* after) {
    EXPECT_EQ(Number("SELECT coalesce(sum(running), 0) FROM usage"),
              Number("SELECT count(*) FROM sweeps WHERE state = 2"))
        << after;
    EXPECT_EQ(Number("SELECT coalesce(sum(queued), 0) FROM usage"),
              Number("SELECT count(*) FROM jobs WHERE state IN (1, 2)"))
        << after;
  };
  Transaction tx = Tx();
  const Job job = Insert("a1", 2);
  InsertFor("v", "b1");
  expect_agreement("inserts");
  const AttemptName first = LeaseTo("w1");
  const AttemptName second = LeaseTo("w2");
  expect_agreement("leases");
  const int64_t sweep = LoadAttempt(*db_, first)->sweep.id;
  ASSERT_THAT(ExpireAttempt(tx, {sweep, first.number}), IsOk());
  expect_agreement("an expiry");
  ASSERT_THAT(SyncWorker(tx, {"w1", first, false}), IsOk());
  expect_agreement("a worker that came back");
  ASSERT_THAT(Finish(second, AttemptEnd::kReleased), IsOk());
  expect_agreement("a release");
  ASSERT_THAT(CancelJob(tx, job.id, kOwner), IsOk());
  expect_agreement("a cancellation");
  ASSERT_THAT(RetryJob(tx, job.id, kOwner), IsOk());
  expect_agreement("a retry");
  ASSERT_THAT(HoldJob(tx, job.id, kOwner), IsOk());
  expect_agreement("a hold");
  ASSERT_THAT(Finish(LeaseTo("w3"), AttemptEnd::kFailed), IsOk());
  expect_agreement("a failure");
}

}  // namespace
}  // namespace cusp::server
