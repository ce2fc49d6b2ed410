#include "server/store/sql_functions.h"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <chrono>
#include <string>

#include "server/store/sql_console.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

class NoSink final : public SqlSink {
 public:
  absl::Status Columns(std::vector<std::string> /*names*/) override { return absl::OkStatus(); }
  absl::Status Row(std::vector<SqlValue> /*values*/) override { return absl::OkStatus(); }
  bool IsCancelled() override { return false; }
};

// The first column of the first row with its type, or the error.
std::string Answer(sqlite3* db, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  std::string answer;
  if (sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK ||
      sqlite3_step(statement) != SQLITE_ROW) {
    answer = sqlite3_errmsg(db);
  } else {
    const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    answer = std::to_string(sqlite3_column_type(statement, 0)) + " " + (text ? text : "NULL");
  }
  sqlite3_finalize(statement);
  return answer;
}

class SqlFunctionsTest : public ::testing::Test {
 protected:
  SqlFunctionsTest() {
    sqlite3_open(":memory:", &plain_);
    sqlite3_open(":memory:", &limited_);
    EXPECT_THAT(InstallSqlFunctions(limited_, watch_), IsOk());
  }
  ~SqlFunctionsTest() override {
    sqlite3_close(plain_);
    sqlite3_close(limited_);
  }

  FakeClock clock_;
  NoSink sink_;
  SqlWatch watch_{clock_, clock_.Now() + std::chrono::seconds(10), sink_};
  sqlite3* plain_ = nullptr;
  sqlite3* limited_ = nullptr;
};

TEST_F(SqlFunctionsTest, AnswersAsSqliteDoes) {
  const std::string values[] = {"NULL",     "''",   "'a'",     "'ab'",  "'bab'", "'aXbXc'",
                                "'über'",   "'b'",  "x'6162'", "x'62'", "x''",   "x'c3bc'",
                                "12",       "1.5",  "'%'",     "'a%'",  "'_b'",  "'*b*'",
                                "'[a-c]b'", "'ä_'", "'A'"};
  for (const std::string& x : values) {
    for (const std::string& y : values) {
      for (const std::string& call :
           {"instr(" + x + ", " + y + ")", x + " LIKE " + y, x + " GLOB " + y,
            x + " LIKE " + y + " ESCAPE 'b'", x + " LIKE " + y + " ESCAPE 'ä'",
            x + " LIKE " + y + " ESCAPE ''", x + " LIKE " + y + " ESCAPE NULL",
            "replace(" + x + ", " + y + ", 'ZZ')", "replace(" + x + ", " + y + ", '')",
            "replace(" + x + ", " + y + ", NULL)", "replace('abab', " + x + ", " + y + ")"}) {
        EXPECT_EQ(Answer(limited_, "SELECT " + call), Answer(plain_, "SELECT " + call)) << call;
      }
    }
  }
}

TEST_F(SqlFunctionsTest, TheReplacementMayMakeItTooLarge) {
  sqlite3_limit(limited_, SQLITE_LIMIT_LENGTH, 1000);
  EXPECT_EQ(Answer(limited_, "SELECT length(replace('aa', 'a', hex(zeroblob(250))))"), "1 1000");
  EXPECT_THAT(Answer(limited_, "SELECT replace('aaa', 'a', hex(zeroblob(250)))"),
              HasSubstr("too big"));
}

TEST_F(SqlFunctionsTest, LongPatternsAreRefusedWithTheRemedy) {
  const std::string longest = "'" + std::string(256, '%') + "'";
  const std::string longer = "'" + std::string(257, '%') + "'";
  EXPECT_EQ(Answer(limited_, "SELECT 'a' LIKE " + longest), "1 1");
  EXPECT_THAT(Answer(limited_, "SELECT 'a' LIKE " + longer), HasSubstr("256 bytes; shorten it"));
  EXPECT_THAT(Answer(limited_, "SELECT 'a' GLOB " + longer), HasSubstr("instr"));
}

TEST_F(SqlFunctionsTest, AWildcardIsNoEscape) {
  EXPECT_THAT(Answer(limited_, "SELECT 'a' LIKE 'a' ESCAPE '%'"), HasSubstr("neither % nor _"));
  std::string one_lead = "C3";
  for (int i = 0; i < 40; ++i) {
    one_lead += "80";
  }
  EXPECT_THAT(Answer(limited_, "SELECT 'a' LIKE 'a' ESCAPE CAST(x'" + one_lead + "' AS TEXT)"),
              HasSubstr("single character"));
  EXPECT_THAT(Answer(limited_, "SELECT 'a' LIKE 'a' ESCAPE '_'"), HasSubstr("another character"));
}

TEST_F(SqlFunctionsTest, TrimmingCharactersIsRefusedWithTheRemedy) {
  for (const std::string name : {"trim", "ltrim", "rtrim"}) {
    EXPECT_THAT(Answer(limited_, "SELECT " + name + "('aba', 'a')"), HasSubstr("use trim(X)"));
    EXPECT_EQ(Answer(limited_, "SELECT " + name + "(' x ') = " + name + "(' x ')"), "1 1");
  }
  EXPECT_EQ(Answer(limited_, "SELECT trim('  x ')"), "3 x");
}

TEST_F(SqlFunctionsTest, EveryCallLooksAtTheTime) {
  clock_.Advance(std::chrono::seconds(11));
  for (const char* call : {"instr('a', 'b')", "replace('a', 'b', 'c')", "'a' LIKE 'b'",
                           "'a' LIKE 'b' ESCAPE 'c'", "'a' GLOB 'b'"}) {
    EXPECT_EQ(Answer(limited_, std::string("SELECT ") + call), "interrupted") << call;
  }
}

}  // namespace
}  // namespace cusp::server
