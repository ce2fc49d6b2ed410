#include "server/store/migrator.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/support/status_matchers.h"

namespace cusp::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class MigratorTest : public ::testing::Test {
 protected:
  int64_t Version() {
    Query query(*db_, "PRAGMA user_version");
    return query.Next() ? query.Int(0) : -1;
  }

  std::unique_ptr<Database> db_ = *Database::Open(":memory:", Database::Mode::kReadWrite);
};

TEST_F(MigratorTest, EmptyDatabaseGetsTheNewestSchemaAndSoundTables) {
  ASSERT_THAT(Migrate(*db_, Migrations()), IsOk());
  EXPECT_EQ(Version(), Migrations().back().version);
  Query check(*db_, "PRAGMA quick_check");
  ASSERT_TRUE(check.Next());
  EXPECT_EQ(check.Text(0), "ok");
}

TEST_F(MigratorTest, BlocksOfTheFirstSchemaCountAsUndisturbed) {
  ASSERT_THAT(Migrate(*db_, Migrations().first(1)), IsOk());
  ASSERT_THAT(db_->Execute("PRAGMA foreign_keys = OFF;"
                           "INSERT INTO blocks VALUES (1, 1, 1, 64, 1, 0.5, 1, 0)"),
              IsOk());
  ASSERT_THAT(Migrate(*db_, Migrations()), IsOk());
  Query query(*db_, "SELECT steal_share, others_share, wait_share, major_faults FROM blocks");
  ASSERT_TRUE(query.Next());
  EXPECT_EQ(query.Real(0), 0.5);
  EXPECT_EQ(query.Real(1), 0);
  EXPECT_EQ(query.Real(2), 0);
  EXPECT_EQ(query.Int(3), 0);
}

TEST_F(MigratorTest, SecondRunChangesNothing) {
  ASSERT_THAT(Migrate(*db_, Migrations()), IsOk());
  EXPECT_THAT(Migrate(*db_, Migrations()), IsOk());
}

TEST_F(MigratorTest, VersionsHaveNoGaps) {
  int version = 0;
  for (const Migration& migration : Migrations()) {
    EXPECT_EQ(migration.version, ++version) << migration.name;
  }
}

TEST_F(MigratorTest, NewerDatabaseIsRefusedNamingBothVersions) {
  ASSERT_THAT(db_->Execute("PRAGMA user_version = 99"), IsOk());
  EXPECT_THAT(
      Migrate(*db_, Migrations()),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               AllOf(HasSubstr("99"), HasSubstr(std::to_string(Migrations().back().version)))));
}

TEST_F(MigratorTest, FailedMigrationLeavesNothingBehind) {
  const Migration migrations[] = {{1, "good", "CREATE TABLE a (x INTEGER)"},
                                  {2, "bad", "CREATE TABLE b (x INTEGER); NO SQL"}};
  EXPECT_THAT(Migrate(*db_, migrations), StatusIs(absl::StatusCode::kInternal, HasSubstr("bad")));
  EXPECT_EQ(Version(), 1);
  Query query(*db_, "SELECT count(*) FROM sqlite_schema WHERE name = 'b'");
  ASSERT_TRUE(query.Next());
  EXPECT_EQ(query.Int(0), 0);
}

}  // namespace
}  // namespace cusp::server
