#include "server/store/migrator.h"

#include <gtest/gtest.h>

#include <memory>

#include "common/sha256.h"
#include "server/store/jobs.h"
#include "server/store/provenances.h"
#include "server/store/queue_order.h"
#include "server/store/results.h"
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

// What the first schema's program wrote of one finished sweep.
constexpr char kRowsOfTheFirstSchema[] =
    "INSERT INTO users VALUES (1, 'u', 1);"
    "INSERT INTO jobs VALUES (1, 'abc', 1, 'old', 4, 0, 'auto', 1, 1, 1, 2, 3, NULL, NULL);"
    "INSERT INTO job_specs VALUES (1, x'');"
    "INSERT INTO variants VALUES (1, 0, 'a', 1), (1, 1, 'b', 0);"
    "INSERT INTO sweeps VALUES (1, 1, 1, 1, 1, 3, 0, 'auto', 1, 1, 3, NULL, NULL);"
    "INSERT INTO generations VALUES (1, 1, 1, 1, 1);"
    "INSERT INTO comparisons VALUES (1, 1, 0, 1, 1, 1, 64, 128, 3, 9, 'old');";

TEST_F(MigratorTest, RowsOfTheFirstSchemaSurviveTheUpgrade) {
  ASSERT_THAT(Migrate(*db_, Migrations().first(1)), IsOk());
  Query insert(*db_,
               "INSERT INTO provenances VALUES (1, ?, 'CPU', 'cpu', 'h', '', '', '', '', 2, '', '',"
               " '', '')",
               Blob{Sha256Hex("3:CPU3:cpu1:h0:0:0:0:0:0:0:0:2")});
  ASSERT_THAT(insert.Run(), IsOk());
  ASSERT_THAT(db_->Execute(kRowsOfTheFirstSchema), IsOk());
  ASSERT_THAT(Migrate(*db_, Migrations()), IsOk());

  const auto sweep = LoadSweep(*db_, "abc", 1);
  ASSERT_THAT(sweep, IsOk());
  EXPECT_EQ(sweep->provenance->host, "h");
  EXPECT_EQ(sweep->provenance->number_settings, "");
  EXPECT_EQ(LoadResult(*db_, *sweep)->comparisons[0].note, "old");
  Sweep with_conditions = *sweep;
  ASSERT_THAT(LoadConditions(*db_, with_conditions), IsOk());
  EXPECT_FALSE(with_conditions.provenance->conditions.start_time_us.has_value());
  // An old worker's provenance is still the same one.
  Changes changes;
  Transaction tx{*db_, changes, 1000};
  EXPECT_THAT(EnsureProvenance(tx, *sweep->provenance), IsOkAndHolds(1));
}

TEST_F(MigratorTest, WorkersOfBeforeHaveNoSpeed) {
  ASSERT_THAT(Migrate(*db_, Migrations().first(1)), IsOk());
  ASSERT_THAT(db_->Execute("INSERT INTO workers VALUES (1, 'w', 'CPU', 'cpu', 'h', 8, 2, '0.1.0',"
                           " x'00', 1, 0)"),
              IsOk());
  ASSERT_THAT(Migrate(*db_, Migrations()), IsOk());
  Query query(*db_, "SELECT name, length(speed) FROM workers");
  ASSERT_TRUE(query.Next());
  EXPECT_EQ(query.Text(0), "w");
  EXPECT_EQ(query.Int(1), 0);
}

TEST_F(MigratorTest, QueueOfBeforeKeepsItsOrderAndCounts) {
  ASSERT_THAT(Migrate(*db_, Migrations().first(5)), IsOk());
  ASSERT_THAT(
      db_->Execute(
          "INSERT INTO users (id, name, create_time_us) VALUES (4, 'u', 1);"
          "INSERT INTO jobs VALUES (7, 'abc', 4, 'old', 3, 2, 'cpu', 2, 0, 9, 9, NULL, NULL, NULL),"
          " (8, 'def', 4, 'old', 1, 0, 'cpu', 1, 0, 11, NULL, NULL, NULL, NULL);"
          "INSERT INTO sweeps (id, job_id, number, mode, dtype, state, priority, device) VALUES"
          " (1, 7, 1, 1, 1, 2, 2, 'cpu'), (2, 7, 2, 1, 1, 1, 2, 'cpu'), (3, 8, 1, 1, 1, 1, 0, "
          "'cpu')"),
      IsOk());
  ASSERT_THAT(Migrate(*db_, Migrations()), IsOk());
  Query usage(*db_, "SELECT running, queued, seconds FROM usage WHERE user_id = 4");
  ASSERT_TRUE(usage.Next());
  EXPECT_EQ(usage.Int(0), 1);
  EXPECT_EQ(usage.Int(1), 1);
  EXPECT_EQ(usage.Real(2), 0);
  const auto sweep = LoadSweep(*db_, "def", 1);
  ASSERT_THAT(sweep, IsOk());
  EXPECT_EQ(sweep->owner_id, 4);
  EXPECT_EQ(sweep->blocked, 0);
  Worker worker;
  worker.device = "cpu";
  const auto next = NextSweepFor(*db_, worker, 20);
  ASSERT_THAT(next, IsOk());
  EXPECT_EQ((*next)->id, 2);
}

TEST_F(MigratorTest, TokensOfBeforeAreTheAdministrators) {
  ASSERT_THAT(Migrate(*db_, Migrations().first(5)), IsOk());
  ASSERT_THAT(db_->Execute("INSERT INTO users (id, name, create_time_us) VALUES (1, 'admin', 1);"
                           "INSERT INTO tokens VALUES (x'02', 1, 20), (x'01', 1, 10);"
                           "INSERT INTO workers VALUES (1, 'w', 'CPU', 'cpu', 'h', 8, 2, '0.1.0',"
                           " x'00', 1, 0, x'')"),
              IsOk());
  ASSERT_THAT(Migrate(*db_, Migrations()), IsOk());
  Query query(*db_,
              "SELECT id, hex(sha256), role, expire_time_us, revoke_time_us FROM tokens"
              " ORDER BY id");
  for (const char* hash : {"01", "02"}) {
    ASSERT_TRUE(query.Next());
    EXPECT_EQ(query.Text(1), hash);
    EXPECT_EQ(query.Int(2), 4);
    EXPECT_TRUE(query.IsNull(3));
    EXPECT_TRUE(query.IsNull(4));
  }
  Query workers(*db_, "SELECT drained FROM workers");
  ASSERT_TRUE(workers.Next());
  EXPECT_EQ(workers.Int(0), 0);
}

TEST_F(MigratorTest, JobsOfBeforeTheViewsAreSeenThroughThem) {
  ASSERT_THAT(Migrate(*db_, Migrations().first(5)), IsOk());
  ASSERT_THAT(
      db_->Execute("PRAGMA foreign_keys = OFF;"
                   "INSERT INTO users (id, name, create_time_us) VALUES (1, 'u', 1);"
                   "INSERT INTO jobs VALUES (1, 'abc', 1, 'old', 4, 0, 'auto', 1, 1, 1000000,"
                   " 2000000, 3000000, NULL, NULL)"),
      IsOk());
  ASSERT_THAT(Migrate(*db_, Migrations()), IsOk());
  Query query(*db_, "SELECT job, state, ended, samples_pruned, original_owner FROM v_jobs");
  ASSERT_TRUE(query.Next());
  EXPECT_EQ(query.Text(0), "abc");
  EXPECT_EQ(query.Text(1), "SUCCEEDED");
  EXPECT_EQ(query.Text(2), "1970-01-01T00:00:03Z");
  EXPECT_TRUE(query.IsNull(3));
  EXPECT_TRUE(query.IsNull(4));
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
