#include "server/store/sql_policy.h"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include "tests/support/status_matchers.h"

namespace cusp::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SqlPolicyTest : public ::testing::Test {
 protected:
  SqlPolicyTest() {
    sqlite3_open(":memory:", &db_);
    Run("CREATE TABLE open (a, b)");
    Run("CREATE TABLE secret (a, token)");
    Run("CREATE VIEW v_open AS SELECT a FROM open");
    Run("CREATE VIEW internal AS SELECT * FROM secret");
  }
  ~SqlPolicyTest() override { sqlite3_close(db_); }

  void Run(const char* sql) {
    ASSERT_EQ(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db_);
  }

  bool MayCompile(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr);
    sqlite3_finalize(statement);
    return code == SQLITE_OK;
  }

  SqlPolicy policy_;
  sqlite3* db_ = nullptr;
};

TEST_F(SqlPolicyTest, ViewsOfTheNameAreReadAndNothingElse) {
  ASSERT_THAT(policy_.Install(db_), IsOk());
  EXPECT_THAT(policy_.views(), ElementsAre("v_open"));
  EXPECT_TRUE(MayCompile("SELECT a FROM v_open"));
  EXPECT_TRUE(MayCompile("SELECT count(*) FROM v_open"));
  policy_.BeginStatement();
  EXPECT_TRUE(MayCompile("SELECT A FROM V_OPEN"));
  EXPECT_TRUE(MayCompile("WITH x AS (SELECT a FROM v_open) SELECT count(*) FROM x"));
  EXPECT_TRUE(
      MayCompile("WITH RECURSIVE n(x) AS (SELECT 1 UNION SELECT x FROM n) SELECT 1 FROM n"));
  EXPECT_TRUE(MayCompile("SELECT upper(a) FROM (SELECT * FROM v_open) ORDER BY 1"));
  for (const char* sql :
       {"SELECT a FROM open", "SELECT count(*) FROM open", "SELECT count(*) FROM OPEN",
        "SELECT count(*) FROM main.Secret", "SELECT count(*) FROM pragma_table_info('secret')",
        "SELECT count(*) FROM PRAGMA_table_list", "SELECT count(*) FROM SQLITE_SCHEMA",
        "SELECT count(*) FROM dbstat", "SELECT count(*) FROM json_each('[1]')",
        "SELECT * FROM secret", "SELECT * FROM internal", "DELETE FROM open",
        "PRAGMA user_version"}) {
    policy_.BeginStatement();
    EXPECT_FALSE(MayCompile(sql)) << sql;
  }
  policy_.BeginStatement();
  EXPECT_FALSE(MayCompile("SELECT (SELECT count(*) FROM secret) FROM v_open"));
}

TEST_F(SqlPolicyTest, ClauseUnderAViewsNameGetsNoFurtherThanTheView) {
  ASSERT_THAT(policy_.Install(db_), IsOk());
  EXPECT_FALSE(MayCompile("WITH v_open AS (SELECT b FROM open) SELECT * FROM v_open"));
  EXPECT_FALSE(MayCompile("WITH v_open AS (SELECT token FROM secret) SELECT * FROM v_open"));
  EXPECT_FALSE(MayCompile("WITH v_open AS (SELECT count(*) FROM secret) SELECT * FROM v_open"));
  EXPECT_FALSE(MayCompile("SELECT v_open.token FROM secret AS v_open"));
}

TEST_F(SqlPolicyTest, BrokenViewIsTold) {
  Run("CREATE VIEW v_broken AS SELECT none FROM open");
  EXPECT_THAT(policy_.Install(db_), StatusIs(absl::StatusCode::kInternal, HasSubstr("v_broken")));
}

}  // namespace
}  // namespace cusp::server
