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

}  // namespace
}  // namespace cusp::server
