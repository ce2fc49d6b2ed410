#include "server/store/workers.h"

#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

using WorkersTest = DatabaseTest;

TEST_F(WorkersTest, WorkersAreListedByNameInPages) {
  LeaseTo("b");
  LeaseTo("a");
  LeaseTo("c");
  const auto page = ListWorkers(*db_, "a", 1);
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->size(), 1U);
  EXPECT_EQ(page->front().worker.name, "b");
}

TEST_F(WorkersTest, SpeedIsThatOfTheLastRegistration) {
  Worker worker;
  worker.name = "w";
  for (const char* speed : {"slow", "fast"}) {
    worker.speed = speed;
    Transaction tx = Tx();
    const auto registered = RegisterWorker(tx, worker, speed);
    ASSERT_THAT(registered, IsOk());
    EXPECT_EQ(registered->speed, speed);
  }
  const auto listed = ListWorkers(*db_, "", 10);
  ASSERT_THAT(listed, IsOk());
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->front().worker.speed, "fast");
}

TEST_F(WorkersTest, ThreeFailuresInARowDrainAWorkerUntilItRegistersAnew) {
  Insert("abc", 5);
  for (int i = 0; i < 3; ++i) {
    const AttemptName name = LeaseTo("w");
    ASSERT_FALSE(IsIdle(name)) << i;
    ASSERT_THAT(Finish(name, AttemptEnd::kFailed), IsOk());
  }
  EXPECT_TRUE(IsIdle(LeaseTo("w")));
  EXPECT_THAT((*FindWorker(*db_, "w"))->drain_reason, ::testing::HasSubstr("died"));
  EXPECT_FALSE(IsIdle(LeaseTo("other")));

  Transaction tx = Tx();
  Worker anew = **FindWorker(*db_, "w");
  const auto registered = RegisterWorker(tx, anew, "another request");
  ASSERT_THAT(registered, IsOk());
  EXPECT_EQ(registered->drain_reason, "");
  EXPECT_EQ(registered->failures, 0);
}

TEST_F(WorkersTest, SuccessEndsARowOfFailures) {
  Insert("abc", 6);
  for (const AttemptEnd end : {AttemptEnd::kFailed, AttemptEnd::kFailed, AttemptEnd::kSucceeded,
                               AttemptEnd::kFailed, AttemptEnd::kFailed}) {
    ASSERT_THAT(Finish(LeaseTo("w"), end), IsOk());
  }
  EXPECT_FALSE(IsIdle(LeaseTo("w")));
}

TEST_F(WorkersTest, DrainIsSetAndLiftedByName) {
  Insert("abc");
  const AttemptName name = LeaseTo("w");
  Transaction tx = Tx();
  ASSERT_THAT(SetWorkerDrained(tx, "w", "moving house"), IsOk());
  // What it has goes on.
  EXPECT_EQ(SyncWorker(tx, {"w", name, false})->action, SyncAction::kMeasure);
  ASSERT_THAT(Finish(name, AttemptEnd::kReleased), IsOk());
  EXPECT_TRUE(IsIdle(LeaseTo("w")));
  EXPECT_EQ(ListWorkers(*db_, "", 10)->front().worker.drain_reason, "moving house");
  ASSERT_THAT(SetWorkerDrained(tx, "w", std::nullopt), IsOk());
  EXPECT_FALSE(IsIdle(LeaseTo("w")));
  EXPECT_THAT(SetWorkerDrained(tx, "nobody", std::nullopt), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(WorkersTest, DrainOutlivesRegistrationsAndIsAuditedOnce) {
  LeaseTo("w");
  Transaction tx = Tx();
  const auto drained = DrainWorker(tx, "w", true, "ann");
  ASSERT_THAT(drained, IsOk());
  EXPECT_TRUE(drained->worker.is_drained);
  ASSERT_THAT(DrainWorker(tx, "w", true, "ann"), IsOk());
  LeaseTo("w");
  EXPECT_TRUE(FindWorker(*db_, "w")->value().is_drained);
  ASSERT_THAT(DrainWorker(tx, "w", false, "ann"), IsOk());
  EXPECT_FALSE(FindWorker(*db_, "w")->value().is_drained);
  Query query(*db_, "SELECT count(*) FROM audit WHERE actor = 'ann'");
  ASSERT_TRUE(query.Next());
  EXPECT_EQ(query.Int(0), 2);
  EXPECT_THAT(DrainWorker(tx, "nobody", true, "ann"), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace cusp::server
