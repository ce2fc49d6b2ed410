#include "server/store/dependencies.h"

#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

using DependenciesTest = DatabaseTest;

TEST_F(DependenciesTest, ComeInTheOrderOfSubmissionEachOnce) {
  const Job first = Insert("a1");
  const Job second = Insert("a2");
  const Job follower = Insert("b1");
  Transaction tx = Tx();
  for (const Job* job : {&second, &first, &second}) {
    ASSERT_THAT(InsertDependency(tx, follower.id, job->id), IsOk());
  }
  EXPECT_THAT(LoadDependencies(*db_, follower.id),
              IsOkAndHolds(ElementsAre(Field(&Dependency::public_id, "a1"),
                                       Field(&Dependency::public_id, "a2"))));
  EXPECT_THAT(LoadDependencies(*db_, first.id), IsOkAndHolds(IsEmpty()));
}

TEST_F(DependenciesTest, OnlyWhoIsBlockedStillWaits) {
  const Job first = Insert("a1");
  NewJob follower = Describe("b1");
  follower.after_ok = {"a1"};
  const Job waiting = Insert(follower);
  EXPECT_THAT(WaitingFor(*db_, first.id), IsOkAndHolds(ElementsAre(waiting.id)));
  ASSERT_THAT(Finish(LeaseTo("w"), AttemptEnd::kSucceeded), IsOk());
  EXPECT_THAT(WaitingFor(*db_, first.id), IsOkAndHolds(IsEmpty()));
}

}  // namespace
}  // namespace cusp::server
