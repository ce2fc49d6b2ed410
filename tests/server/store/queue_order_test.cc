#include "server/store/queue_order.h"

#include "server/queue/fair_share.h"
#include "server/store/job_changes.h"
#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kSecond = 1'000'000;

using QueueOrderTest = DatabaseTest;

TEST_F(QueueOrderTest, UsersTakeTurnsWhateverTheLengthOfTheirQueues) {
  for (int i = 0; i < 20; ++i) {
    InsertFor("flooder", "f" + std::to_string(i));
  }
  InsertFor("late", "l1");
  InsertFor("late", "l2");
  EXPECT_EQ(LeaseTo("w1").job, "f0");
  EXPECT_EQ(LeaseTo("w2").job, "l1");
  EXPECT_EQ(LeaseTo("w3").job, "f1");
  EXPECT_EQ(LeaseTo("w4").job, "l2");
  EXPECT_EQ(LeaseTo("w5").job, "f2");
}

TEST_F(QueueOrderTest, WeightOfTheUserCounts) {
  for (int i = 0; i < 4; ++i) {
    InsertFor("one", "a" + std::to_string(i));
    InsertFor("three", "b" + std::to_string(i));
  }
  ASSERT_THAT(db_->Execute("UPDATE users SET share_weight = 3 WHERE name = 'three'"), IsOk());
  int of_three = 0;
  for (int i = 0; i < 4; ++i) {
    of_three += LeaseTo("w" + std::to_string(i)).job[0] == 'b' ? 1 : 0;
  }
  EXPECT_EQ(of_three, 3);
}

TEST_F(QueueOrderTest, WhatWasUsedBeforeCounts) {
  InsertFor("idle", "i0");
  Insert("u0");
  ASSERT_THAT(Finish(LeaseTo("w"), AttemptEnd::kSucceeded), IsOk());  // i0
  const AttemptName long_one = LeaseTo("w");
  EXPECT_EQ(long_one.job, "u0");
  now_us_ += 3600 * kSecond;
  ASSERT_THAT(Finish(long_one, AttemptEnd::kSucceeded), IsOk());
  Insert("u1");
  InsertFor("idle", "i1");
  EXPECT_EQ(LeaseTo("w").job, "i1");
}

TEST_F(QueueOrderTest, PriorityStepsOverFairShare) {
  InsertFor("idle", "i1");
  Insert("u1");
  InsertFor("v", "v1", 1);
  EXPECT_EQ(LeaseTo("w1").job, "v1");
}

TEST_F(QueueOrderTest, UserAtHisCapWaitsAndOthersPass) {
  Insert("u1", 3);
  InsertFor("v", "v1", -50);
  ASSERT_THAT(db_->Execute("UPDATE users SET max_running = 1 WHERE name = 'u'"), IsOk());
  const AttemptName first = LeaseTo("w1");
  EXPECT_EQ(first.job, "u1");
  EXPECT_EQ(LeaseTo("w2").job, "v1");
  EXPECT_TRUE(IsIdle(LeaseTo("w3")));
  ASSERT_THAT(Finish(first, AttemptEnd::kSucceeded), IsOk());
  EXPECT_EQ(LeaseTo("w3").job, "u1");
}

TEST_F(QueueOrderTest, AgeLetsLowPriorityPassAtLast) {
  InsertFor("patient", "p1", -2);
  now_us_ += 2 * kAgeStepUs;
  for (int i = 0; i < 3; ++i) {
    InsertFor("flooder", "f" + std::to_string(i), 0);
  }
  EXPECT_EQ(LeaseTo("w1").job, "p1");
}

TEST_F(QueueOrderTest, NewHeadOfHisOwnDoesNotEndAUsersWaiting) {
  InsertFor("patient", "p1", -3);
  now_us_ += 2 * kAgeStepUs;
  InsertFor("patient", "p2", -2);
  InsertFor("flooder", "f1", 0);
  // Lifted by two points, as he has waited since p1; the older job decides.
  EXPECT_EQ(LeaseTo("w1").job, "p2");
  EXPECT_EQ(LeaseTo("w2").job, "f1");
}

TEST_F(QueueOrderTest, OwnOverdueSweepGetsTheFourthTurn) {
  const auto insert = [&](const std::string& id, int priority) {
    NewJob job = Describe(id);
    job.priority = priority;
    Insert(job);
  };
  insert("old", 0);
  now_us_ += kOverdueUs;
  for (int i = 0; i < 5; ++i) {
    insert("new" + std::to_string(i), 5);
  }
  EXPECT_EQ(LeaseTo("w0").job, "new0");
  EXPECT_EQ(LeaseTo("w1").job, "new1");
  EXPECT_EQ(LeaseTo("w2").job, "new2");
  EXPECT_EQ(LeaseTo("w3").job, "old");
  EXPECT_EQ(LeaseTo("w4").job, "new3");
}

TEST_F(QueueOrderTest, AheadFollowsTheTrueOrder) {
  for (int i = 0; i < 50; ++i) {
    InsertFor("flooder", "f" + std::to_string(i));
  }
  const Job late = InsertFor("late", "l1");
  const Job later = InsertFor("late", "l2");
  EXPECT_THAT(SweepsAhead(*db_, late, {"auto"}, 300, now_us_), IsOkAndHolds(1));
  EXPECT_THAT(SweepsAhead(*db_, later, {"auto"}, 300, now_us_), IsOkAndHolds(3));
}

TEST_F(QueueOrderTest, AheadOfOneUserIsPriorityThenSubmission) {
  Insert("a1", 3);
  const Job job = Insert("b1");
  EXPECT_THAT(SweepsAhead(*db_, job, {"auto"}, 300, now_us_), IsOkAndHolds(3));
  Transaction tx = Tx();
  ASSERT_THAT(SetJobPriority(tx, job.id, {"u", false}, 1), IsOk());
  EXPECT_THAT(SweepsAhead(*db_, *LoadJob(*db_, job.id, false), {"auto"}, 300, now_us_),
              IsOkAndHolds(0));
}

TEST_F(QueueOrderTest, OtherDevicesAreNotAhead) {
  NewJob cuda = Describe("c1", 5);
  cuda.device = "cuda";
  Insert(cuda);
  const Job job = Insert("b1");
  EXPECT_THAT(SweepsAhead(*db_, job, {"auto", "cpu"}, 300, now_us_), IsOkAndHolds(0));
  EXPECT_THAT(SweepsAhead(*db_, job, {"auto", "cuda"}, 300, now_us_), IsOkAndHolds(5));
}

// The order must not cost more with a longer queue: every step is one look-up.
TEST_F(QueueOrderTest, LookUpsSortAndScanNothing) {
  for (const char* sql :
       {"EXPLAIN QUERY PLAN SELECT owner_id FROM sweeps"
        " WHERE state = 1 AND blocked = 0 AND device = 'auto' AND owner_id > 1"
        " ORDER BY owner_id LIMIT 1",
        "EXPLAIN QUERY PLAN SELECT id, priority, job_id, number, queue_time_us FROM sweeps"
        " WHERE state = 1 AND blocked = 0 AND device = 'auto' AND owner_id = 1 AND priority < 5"
        " ORDER BY priority DESC, job_id, number LIMIT 1",
        "EXPLAIN QUERY PLAN SELECT id FROM jobs WHERE deadline_us IS NOT NULL AND state <= 3"
        " AND deadline_us <= 5 ORDER BY deadline_us LIMIT 100"}) {
    Query plan(*db_, sql);
    int rows = 0;
    while (plan.Next()) {
      ++rows;
      EXPECT_THAT(plan.Text(3), HasSubstr("USING ")) << sql;
      EXPECT_THAT(plan.Text(3), Not(HasSubstr("SCAN"))) << sql;
      EXPECT_THAT(plan.Text(3), Not(HasSubstr("TEMP B-TREE"))) << sql;
    }
    EXPECT_EQ(rows, 1) << sql;
  }
}

}  // namespace
}  // namespace cusp::server
