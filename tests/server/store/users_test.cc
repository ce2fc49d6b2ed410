#include "server/store/users.h"

#include "server/store/artifacts.h"
#include "server/store/requests.h"
#include "tests/server/store/database_fixture.h"

namespace cusp::server {
namespace {

class UsersTest : public DatabaseTest {
 protected:
  UsersTest() {
    Transaction tx = Tx();
    for (const char* name : {"ben", "ann", "cleo"}) {
      EXPECT_THAT(EnsureUser(tx, name), IsOk());
    }
  }
};

TEST_F(UsersTest, OnlyWhatIsGivenChanges) {
  Transaction tx = Tx();
  UserChange change;
  change.max_running = 4;
  const auto user = UpdateUser(tx, "ann", change, "boss");
  ASSERT_THAT(user, IsOk());
  EXPECT_EQ(user->max_running, 4);
  EXPECT_EQ(user->share_weight, 1);
  const auto listed = ListUsers(*db_, "", 1);
  ASSERT_THAT(listed, IsOk());
  EXPECT_EQ(listed->front().max_running, 4);
  EXPECT_EQ(listed->front().max_queued, user->max_queued);
  Query query(*db_, "SELECT actor FROM audit WHERE action = 'user_updated'");
  ASSERT_TRUE(query.Next());
  EXPECT_EQ(query.Text(0), "boss");
}

TEST_F(UsersTest, ArtifactsOfAUserAreCountedAndCapped) {
  Transaction tx = Tx();
  ASSERT_THAT(InsertArtifact(tx, "ann", {std::string(64, 'a'), 70, {}}), IsOk());
  ASSERT_THAT(InsertArtifact(tx, "ann", {std::string(64, 'b'), 30, {}}), IsOk());
  UserChange change;
  change.max_artifact_bytes = 1000;
  const auto user = UpdateUser(tx, "ann", change, "boss");
  ASSERT_THAT(user, IsOk());
  EXPECT_EQ(user->artifact_bytes, 100);
  EXPECT_EQ(user->max_artifact_bytes, 1000);
  const auto allowance = LoadAllowance(tx, "ann");
  ASSERT_THAT(allowance, IsOk());
  EXPECT_EQ(allowance->max_bytes, 1000);
  EXPECT_EQ(ListUsers(*db_, "ann", 1)->front().artifact_bytes, 0) << "ben's";
}

TEST_F(UsersTest, UnknownUserIsNotFound) {
  Transaction tx = Tx();
  EXPECT_THAT(UpdateUser(tx, "dora", {}, "boss"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(UsersTest, ListIsByNameAndGoesOnAfterOne) {
  const auto rest = ListUsers(*db_, "ann", 10);
  ASSERT_THAT(rest, IsOk());
  ASSERT_EQ(rest->size(), 2U);
  EXPECT_EQ((*rest)[0].name, "ben");
  EXPECT_EQ((*rest)[1].name, "cleo");
}

}  // namespace
}  // namespace cusp::server
