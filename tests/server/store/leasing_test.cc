#include "server/store/leasing.h"

#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

using LeasingTest = DatabaseTest;

TEST_F(LeasingTest, DrainingWorkerGetsNothingAndGivesBackWhatItNeverTook) {
  const Job job = Insert("abc");
  LeaseTo("w");
  Transaction tx = Tx();
  const auto answer = SyncWorker(tx, {"w", std::nullopt, true});
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->action, SyncAction::kIdle);
  EXPECT_EQ(LoadJob(*db_, job.id, false)->state, JobState::kQueued);
}

TEST_F(LeasingTest, DrainedWorkerKeepsWhatItHasAndGetsNothingNew) {
  Insert("abc");
  const AttemptName name = LeaseTo("w");
  const Job second = Insert("abd");
  Transaction tx = Tx();
  ASSERT_THAT(DrainWorker(tx, "w", true, "ann"), IsOk());
  EXPECT_EQ(SyncWorker(tx, {"w", name, false})->action, SyncAction::kMeasure);
  // The answer that gave it out may have been lost.
  EXPECT_EQ(SyncWorker(tx, {"w", std::nullopt, false})->job, "abc");
  ASSERT_THAT(FinishAttempt(tx, name, AttemptEnd::kSucceeded, {}, std::nullopt), IsOk());
  EXPECT_EQ(SyncWorker(tx, {"w", std::nullopt, false})->action, SyncAction::kIdle);
  ASSERT_THAT(DrainWorker(tx, "w", false, "ann"), IsOk());
  EXPECT_EQ(SyncWorker(tx, {"w", std::nullopt, false})->job, second.public_id);
}

TEST_F(LeasingTest, AttemptOfAnotherWorkerIsAbandoned) {
  Insert("abc");
  const AttemptName name = LeaseTo("a");
  LeaseTo("b");
  Transaction tx = Tx();
  const auto answer = SyncWorker(tx, {"b", name, false});
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->action, SyncAction::kAbandon);
}

}  // namespace
}  // namespace cusp::server
