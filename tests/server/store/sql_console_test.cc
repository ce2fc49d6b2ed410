#include "server/store/sql_console.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "common/file.h"
#include "server/store/requests.h"
#include "server/store/store.h"
#include "server/store/tokens.h"
#include "tests/server/store/database_fixture.h"
#include "tests/support/fake_clock.h"
#include "tests/support/paths.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class Collect final : public SqlSink {
 public:
  absl::Status Columns(std::vector<std::string> names) override {
    columns = std::move(names);
    return absl::OkStatus();
  }
  absl::Status Row(std::vector<SqlValue> values) override {
    rows.push_back(std::move(values));
    return absl::OkStatus();
  }
  bool IsCancelled() override { return ++asked > cancel_after; }

  std::vector<std::string> columns;
  std::vector<std::vector<SqlValue>> rows;
  int asked = 0;
  int cancel_after = 1 << 30;
};

// A clock that moves on whenever it is read, so that any loop comes to its deadline.
class HastyClock final : public Clock {
 public:
  Monotonic Now() const override {
    now_ += std::chrono::seconds(1);
    return now_;
  }
  int64_t WallMicros() const override { return 0; }

 private:
  mutable Monotonic now_{};
};

class SqlConsoleTest : public ::testing::Test {
 protected:
  SqlConsoleTest() {
    auto folder = DataFolder::Open(dir_.Join("data"));
    EXPECT_THAT(folder, IsOk());
    store_ = *Store::Open(*std::move(folder), clock_);
    EXPECT_THAT(store_->WriteAndWait([](Transaction& tx) -> absl::Status {
      NewJob job;
      job.public_id = "abc";
      job.display_name = "first";
      job.owner = "alice";
      job.device = "auto";
      job.spec = "spec";
      job.baselines = {"a"};
      job.candidates = {"b"};
      job.sweeps = {{1, 1}};
      const auto inserted = InsertJob(tx, job);
      return inserted.ok()
                 ? InsertToken(tx, {.user = "alice", .role = 2, .sha256_hex = std::string(64, 'a')},
                               "alice")
                       .status()
                 : inserted.status();
    }),
                IsOk());
  }

  absl::StatusOr<bool> Ask(const std::string& sql, const SqlLimits& limits = {}) {
    result_ = Collect();
    return RunSql(store_->DatabasePath(), sql, limits, clock_, result_);
  }

  TempDir dir_;
  FakeClock clock_;
  std::unique_ptr<Store> store_;
  Collect result_;
};

TEST_F(SqlConsoleTest, AnswersInTypedValues) {
  ASSERT_THAT(Ask("SELECT job, name, state, sweeps, started, created_unix * 1.0 AS t FROM v_jobs"),
              IsOkAndHolds(false));
  EXPECT_THAT(result_.columns, ElementsAre("job", "name", "state", "sweeps", "started", "t"));
  ASSERT_THAT(result_.rows, SizeIs(1));
  EXPECT_EQ(result_.rows[0][0], SqlValue("abc"));
  EXPECT_EQ(result_.rows[0][2], SqlValue("QUEUED"));
  EXPECT_EQ(result_.rows[0][3], SqlValue(int64_t{1}));
  EXPECT_EQ(result_.rows[0][4], SqlValue(std::monostate()));
  EXPECT_EQ(result_.rows[0][5], SqlValue(1'767'225'600.0));
}

TEST_F(SqlConsoleTest, TimesAreUtcTextAndUnixSeconds) {
  ASSERT_THAT(Ask("SELECT created, created_unix FROM v_jobs"), IsOk());
  EXPECT_EQ(result_.rows[0][0], SqlValue("2026-01-01T00:00:00Z"));
  EXPECT_EQ(result_.rows[0][1], SqlValue(int64_t{1'767'225'600}));
}

TEST_F(SqlConsoleTest, BytesAndBrokenTextComeAsBytes) {
  ASSERT_THAT(Ask("SELECT x'00ff', CAST(x'ff' AS TEXT), 'ü'"), IsOk());
  EXPECT_EQ(result_.rows[0][0], SqlValue(SqlBytes{std::string("\x00\xff", 2)}));
  EXPECT_EQ(result_.rows[0][1], SqlValue(SqlBytes{"\xff"}));
  EXPECT_EQ(result_.rows[0][2], SqlValue("ü"));
}

TEST_F(SqlConsoleTest, EveryViewCanBeReadCountedJoinedAndSorted) {
  const auto views = store_->Read<std::vector<SqlView>>(ListSqlViews);
  ASSERT_THAT(views, IsOk());
  ASSERT_THAT(*views, SizeIs(5));
  for (const SqlView& view : *views) {
    EXPECT_THAT(Ask("SELECT * FROM " + view.name), IsOk()) << view.name;
    EXPECT_EQ(result_.columns, view.columns);
    EXPECT_THAT(Ask("SELECT count(*) FROM " + view.name), IsOk()) << view.name;
    std::string shouted = view.name;
    std::transform(shouted.begin(), shouted.end(), shouted.begin(), ::toupper);
    EXPECT_THAT(Ask("SELECT * FROM " + shouted), IsOk()) << shouted;
    EXPECT_THAT(Ask("WITH x AS (SELECT * FROM " + view.name + ") SELECT 1 FROM x"), IsOk());
    EXPECT_THAT(
        Ask("WITH x AS (SELECT * FROM " + view.name + ") SELECT * FROM x, v_jobs ORDER BY 1"),
        IsOk())
        << view.name;
  }
}

TEST_F(SqlConsoleTest, NoTableIsReachableByItsOwnName) {
  const auto tables = store_->Read<std::vector<std::string>>(
      [](Database& db) -> absl::StatusOr<std::vector<std::string>> {
        std::vector<std::string> names = {
            "sqlite_schema", "sqlite_master", "sqlite_temp_master", "pragma_table_info('tokens')",
            "dbstat",        "sqlite_stmt"};
        Query query(db, "SELECT name FROM sqlite_schema WHERE type = 'table'");
        while (query.Next()) {
          names.push_back(query.Text(0));
        }
        return names;
      });
  ASSERT_THAT(tables, IsOk());
  for (const std::string& table : *tables) {
    std::vector<std::string> statements = {
        "SELECT * FROM " + table, "SELECT count(*) FROM " + table, "SELECT 1 FROM " + table,
        "WITH x AS (SELECT * FROM " + table + ") SELECT * FROM x",
        "SELECT v_jobs.* FROM " + table + " AS v_jobs"};
    std::string shouted = table;
    std::transform(shouted.begin(), shouted.end(), shouted.begin(), ::toupper);
    statements.push_back("SELECT count(*) FROM " + shouted);
    statements.push_back("SELECT count(*) FROM main." + shouted);
    // Who reads v_jobs may count what it is made of.
    if (table != "jobs" && table != "users" && table != "enum_names") {
      statements.push_back("SELECT (SELECT count(*) FROM " + table + ") FROM v_jobs");
      statements.push_back("SELECT (SELECT rowid FROM " + table + ") FROM v_jobs");
      statements.push_back("SELECT 1 FROM v_jobs WHERE EXISTS (SELECT 1 FROM " + table + ")");
    }
    for (const std::string& sql : statements) {
      EXPECT_THAT(Ask(sql), StatusIs(absl::StatusCode::kInvalidArgument)) << sql;
      EXPECT_THAT(result_.rows, IsEmpty()) << sql;
    }
  }
}

// SQLite tells an authorizer the name of a WITH clause where it tells that of a view.
TEST_F(SqlConsoleTest, AWithClauseUnderAViewsNameReachesNoSecret) {
  const auto views = store_->Read<std::vector<SqlView>>(ListSqlViews);
  for (const SqlView& view : *views) {
    for (const char* what :
         {"sha256 FROM tokens", "user_id FROM tokens", "* FROM requests", "response FROM requests",
          "detail FROM audit", "spec FROM job_specs", "count(*) FROM tokens",
          "sql FROM sqlite_schema", "register_request FROM workers", "max_queued FROM users"}) {
      const std::string sql =
          "WITH " + view.name + " AS (SELECT " + what + ") SELECT * FROM " + view.name;
      EXPECT_THAT(Ask(sql), StatusIs(absl::StatusCode::kInvalidArgument)) << sql;
      EXPECT_THAT(result_.rows, IsEmpty()) << sql;
    }
  }
}

TEST_F(SqlConsoleTest, WhatIsNoReadingIsRefused) {
  for (const char* sql : {"DELETE FROM jobs",
                          "UPDATE v_jobs SET name = 'x'",
                          "INSERT INTO users VALUES (9, 'x', 1)",
                          "DROP VIEW v_jobs",
                          "CREATE TABLE t (x)",
                          "CREATE TEMP TABLE t (x)",
                          "CREATE TEMP VIEW v_x AS SELECT * FROM tokens",
                          "ATTACH ':memory:' AS other",
                          "ATTACH '/etc/passwd' AS other",
                          "DETACH main",
                          "PRAGMA query_only = OFF",
                          "PRAGMA table_info(tokens)",
                          "PRAGMA database_list",
                          "BEGIN",
                          "COMMIT",
                          "ROLLBACK",
                          "SAVEPOINT s",
                          "VACUUM",
                          "VACUUM INTO 'x.db'",
                          "ANALYZE",
                          "REINDEX",
                          "SELECT load_extension('x')",
                          "SELECT fts3_tokenizer('simple')",
                          "CREATE VIRTUAL TABLE temp.t USING fts5(x)"}) {
    EXPECT_THAT(Ask(sql), StatusIs(absl::StatusCode::kInvalidArgument)) << sql;
  }
}

TEST_F(SqlConsoleTest, OneStatementAtATime) {
  EXPECT_THAT(Ask("SELECT 1; SELECT 2"), StatusIs(absl::StatusCode::kInvalidArgument,
                                                  HasSubstr("line 1, column 10: a second")));
  EXPECT_THAT(Ask("SELECT 1; DELETE FROM jobs"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Ask("SELECT 1; -- a comment\n /* and one */ ;"), IsOk());
  EXPECT_THAT(Ask(""), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no statement")));
  EXPECT_THAT(Ask("-- nothing"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Ask(std::string("SELECT 1\0 FROM", 14)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("zero byte")));
  EXPECT_THAT(Ask("SELECT ?"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("values")));
  EXPECT_THAT(Ask("SELECT '" + std::string(70'000, 'x') + "'"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("64 KiB")));
}

TEST_F(SqlConsoleTest, ErrorsNameThePlaceAndTheRemedy) {
  EXPECT_THAT(Ask("SELECT job\nFROM v_job"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("no such table: v_job"), HasSubstr("v_tipping_points"))));
  EXPECT_THAT(Ask("SELECT job,\n  nme FROM v_jobs"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("line 2, column 3"), HasSubstr("--views"))));
  EXPECT_THAT(Ask("SELEC 1"), StatusIs(absl::StatusCode::kInvalidArgument,
                                       HasSubstr("line 1, column 1: near \"SELEC\"")));
}

TEST_F(SqlConsoleTest, EndlessRecursionMeetsTheTimeLimit) {
  const HastyClock clock;
  Collect sink;
  EXPECT_THAT(RunSql(store_->DatabasePath(),
                     "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
                     " SELECT max(x) FROM n",
                     {.time = std::chrono::seconds(100), .rows = 10}, clock, sink),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("longer than 100 s")));
  EXPECT_THAT(sink.rows, IsEmpty());
}

TEST_F(SqlConsoleTest, ACallerWhoHangsUpEndsIt) {
  Collect sink;
  sink.cancel_after = 5;
  EXPECT_THAT(RunSql(store_->DatabasePath(),
                     "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
                     " SELECT max(x) FROM n",
                     {}, clock_, sink),
              StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(SqlConsoleTest, RowLimitEndsAndTells) {
  const std::string counting =
      "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 20) SELECT x FROM n";
  EXPECT_THAT(Ask(counting, {.rows = 20}), IsOkAndHolds(false));
  EXPECT_THAT(result_.rows, SizeIs(20));
  EXPECT_THAT(Ask(counting, {.rows = 19}), IsOkAndHolds(true));
  EXPECT_THAT(result_.rows, SizeIs(19));
}

TEST_F(SqlConsoleTest, HugeValuesAreRefused) {
  EXPECT_THAT(Ask("SELECT zeroblob(65536)"), IsOk());
  EXPECT_THAT(Ask("SELECT zeroblob(65537)"),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("64 KiB")));
  EXPECT_THAT(Ask("SELECT printf('%.*c', 300000, 'x')"), Not(IsOkAndHolds(::testing::Eq(true))));
}

// One operation may take 0.1 ms, so a hundred of them are the most between two looks.
TEST_F(SqlConsoleTest, TheTimeIsLookedAtOften) {
  ASSERT_THAT(Ask("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 10000)"
                  " SELECT max(x) FROM n"),
              IsOk());
  EXPECT_GE(result_.asked, 1000);
}

// Without a loop SQLite looks at no time, however long the row takes.
TEST_F(SqlConsoleTest, OneRowOfManyCallsMeetsTheTimeLimit) {
  for (const std::string call :
       {"instr(job || %, 'b')", "replace(job || %, 'b', 'c')", "job || % LIKE 'b'",
        "job || % GLOB 'b'", "hex(zeroblob(30000 + %))", "printf('%.*c', 60000 + %, 'x')"}) {
    std::string sql = "SELECT 1";
    for (int i = 0; i < 200; ++i) {
      std::string one = call;
      one.replace(one.find(" %") + 1, 1, std::to_string(i));
      sql += " + length(" + one + ")";
      sql += i % 50 == 49 ? ", 1" : "";
    }
    const HastyClock clock;
    Collect sink;
    EXPECT_THAT(RunSql(store_->DatabasePath(), sql + " FROM v_jobs",
                       {.time = std::chrono::seconds(150), .rows = 10}, clock, sink),
                StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("longer than 150 s")))
        << call;
    EXPECT_THAT(sink.rows, IsEmpty()) << call;
    EXPECT_THAT(Ask(sql + " FROM v_jobs"), IsOk()) << call;
  }
}

// Each level multiplies what the one before it had: 30^5 columns, were there memory.
TEST_F(SqlConsoleTest, NestedSelectsEndAtTheMemoryLimit) {
  std::string sql = "(SELECT abs(x) AS x FROM (SELECT 1 AS x))";
  for (int level = 0; level < 5; ++level) {
    std::string sum = "x";
    for (int i = 1; i < 30; ++i) {
      sum += "+x";
    }
    sql = "(SELECT " + sum + " AS x FROM " + sql + ")";
  }
  EXPECT_THAT(Ask("SELECT * FROM " + sql), StatusIs(absl::StatusCode::kResourceExhausted,
                                                    HasSubstr("SELECTs inside one another")));
  const HastyClock clock;
  Collect sink;
  EXPECT_THAT(RunSql(store_->DatabasePath(), "SELECT * FROM " + sql,
                     {.time = std::chrono::seconds(20), .rows = 10}, clock, sink),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("longer than 20 s")));
  EXPECT_THAT(Ask("SELECT 1"), IsOk());
}

TEST_F(SqlConsoleTest, AllViewsJoinedAreFarFromTheLimitOfOperations) {
  EXPECT_THAT(Ask("EXPLAIN SELECT * FROM v_tipping_points t JOIN v_costs c USING (job, sweep)"
                  " JOIN v_jobs j USING (job) JOIN v_workers w ON w.host = t.host"
                  " ORDER BY median DESC, t.ended, c.length"),
              IsOk());
  EXPECT_LT(result_.rows.size(), 2000U);
}

TEST_F(SqlConsoleTest, TemporaryFilesHaveABudget) {
  const std::string sort =
      "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 30000)"
      " SELECT x, printf('%.*c', 400, 'x') AS filling FROM n ORDER BY x * 7919 % 30011, filling";
  EXPECT_THAT(Ask(sort, {.rows = 100'000, .temp_bytes = int64_t{2} << 20U}),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       AllOf(HasSubstr("more than 2 MiB of temporary space"), HasSubstr("WHERE"),
                             Not(HasSubstr("64 KiB")))));
  EXPECT_THAT(Ask(sort, {.rows = 100'000}), IsOkAndHolds(false));
  EXPECT_THAT(result_.rows, SizeIs(30'000));
  // A table of its own, on which the statement's temporary database spills.
  EXPECT_THAT(Ask("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 30000)"
                  " SELECT count(*) FROM (SELECT DISTINCT printf('%.*c', 400, 'x') || x FROM n)",
                  {.temp_bytes = int64_t{2} << 20U}),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("temporary space")));
}

TEST_F(SqlConsoleTest, WritingGoesOnMeanwhile) {
  ASSERT_THAT(Ask("SELECT count(*) FROM v_jobs"), IsOk());
  EXPECT_THAT(
      store_->WriteAndWait([](Transaction& tx) { return Audit(tx, "a", "b", std::nullopt, ""); }),
      IsOk());
}

// docs/sql.md is the contract: a table for each view, a row for each column, in order.
TEST_F(SqlConsoleTest, DocumentationHasEveryColumnInOrder) {
  const auto text = ReadFile(SourceFolder() + "/docs/sql.md", 1 << 20);
  ASSERT_THAT(text, IsOk());
  const auto views = store_->Read<std::vector<SqlView>>(ListSqlViews);
  for (const SqlView& view : *views) {
    size_t at = text->find("## " + view.name + "\n");
    ASSERT_NE(at, std::string::npos) << view.name;
    const size_t end = text->find("\n## ", at + 1);
    for (const std::string& column : view.columns) {
      const size_t found = text->find("| `" + column + "` |", at);
      EXPECT_LT(found, end) << view.name << "." << column;
      at = std::min(found, end);
    }
  }
}

}  // namespace
}  // namespace cusp::server
