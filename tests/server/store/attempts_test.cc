#include "server/store/attempts.h"

#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

using AttemptsTest = DatabaseTest;

TEST_F(AttemptsTest, NumbersOnlyGrow) {
  Insert("abc");
  for (int64_t number = 1; number <= 3; ++number) {
    const AttemptName name = LeaseTo("w");
    EXPECT_EQ(name.number, number);
    Transaction tx = Tx();
    ASSERT_THAT(FinishAttempt(tx, name, AttemptEnd::kReleased, {}, std::nullopt), IsOk());
  }
}

TEST_F(AttemptsTest, ExpiryOfAnEndedAttemptIsANoOp) {
  const Job job = Insert("abc");
  const AttemptName name = LeaseTo("w");
  Transaction tx = Tx();
  ASSERT_THAT(FinishAttempt(tx, name, AttemptEnd::kFailed, {}, Failure{1, "died"}), IsOk());
  ASSERT_THAT(ExpireAttempt(tx, {job.sweeps[0].id, 1}), IsOk());
  EXPECT_EQ(LoadJob(*db_, job.id, false)->state, JobState::kFailed);
}

TEST_F(AttemptsTest, DrainingWorkerGetsNothingAndGivesBackWhatItNeverTook) {
  const Job job = Insert("abc");
  LeaseTo("w");
  Transaction tx = Tx();
  const auto answer = SyncWorker(tx, {"w", std::nullopt, true});
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->action, SyncAction::kIdle);
  EXPECT_EQ(LoadJob(*db_, job.id, false)->state, JobState::kQueued);
}

TEST_F(AttemptsTest, AttemptOfAnotherWorkerIsAbandoned) {
  Insert("abc");
  const AttemptName name = LeaseTo("a");
  LeaseTo("b");
  Transaction tx = Tx();
  const auto answer = SyncWorker(tx, {"b", name, false});
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->action, SyncAction::kAbandon);
}

TEST_F(AttemptsTest, WorkersAreListedByNameInPages) {
  LeaseTo("b");
  LeaseTo("a");
  LeaseTo("c");
  const auto page = ListWorkers(*db_, "a", 1);
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->size(), 1U);
  EXPECT_EQ(page->front().worker.name, "b");
}

}  // namespace
}  // namespace cusp::server
