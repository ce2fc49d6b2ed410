#include "server/store/temp_budget_vfs.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <optional>
#include <string>

#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

constexpr char kSort[] =
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 20000)"
    " SELECT x, printf('%.*c', 200, 'x') AS filling FROM n ORDER BY x * 7919 % 20011, filling";

class TempBudgetVfsTest : public ::testing::Test {
 protected:
  ~TempBudgetVfsTest() override { sqlite3_close(db_); }

  void Open(int64_t bytes) {
    vfs_.emplace(bytes);
    ASSERT_EQ(sqlite3_open_v2(dir_.Join("x.db").c_str(), &db_,
                              SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs_->name()),
              SQLITE_OK);
    ASSERT_EQ(Run("PRAGMA journal_mode = WAL; PRAGMA temp_store = FILE; PRAGMA cache_size = -100"),
              SQLITE_OK);
  }

  int Run(const std::string& sql) {
    return sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  }

  TempDir dir_;
  std::optional<TempBudgetVfs> vfs_;
  sqlite3* db_ = nullptr;
};

TEST_F(TempBudgetVfsTest, ASortBeyondTheBudgetIsFull) {
  Open(int64_t{1} << 20U);
  EXPECT_EQ(Run(kSort), SQLITE_FULL);
  EXPECT_TRUE(vfs_->is_spent());
  EXPECT_EQ(vfs_->bytes_in_use(), 0);
}

TEST_F(TempBudgetVfsTest, ASortWithinTheBudgetUsesFilesAndGivesThemBack) {
  Open(int64_t{64} << 20U);
  sqlite3_stmt* statement = nullptr;
  ASSERT_EQ(sqlite3_prepare_v2(db_, kSort, -1, &statement, nullptr), SQLITE_OK);
  int64_t last = -1;
  int rows = 0;
  int64_t most = 0;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    const int64_t key = sqlite3_column_int64(statement, 0) * 7919 % 20011;
    EXPECT_GT(key, last);
    last = key;
    most = std::max(most, vfs_->bytes_in_use());
    ++rows;
  }
  EXPECT_EQ(rows, 20'000);
  EXPECT_GT(most, int64_t{1} << 20U);
  sqlite3_finalize(statement);
  EXPECT_EQ(vfs_->bytes_in_use(), 0);
  EXPECT_FALSE(vfs_->is_spent());
}

TEST_F(TempBudgetVfsTest, TheDatabaseItselfIsNotCounted) {
  Open(1000);
  ASSERT_EQ(Run("CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(1000000))"), SQLITE_OK);
  EXPECT_EQ(Run("PRAGMA wal_checkpoint(TRUNCATE)"), SQLITE_OK);
  EXPECT_EQ(vfs_->bytes_in_use(), 0);
}

TEST_F(TempBudgetVfsTest, ItsNameIsItsOwnAndGoesWithIt) {
  const TempBudgetVfs one(1);
  std::string name;
  {
    const TempBudgetVfs other(1);
    name = other.name();
    EXPECT_NE(name, one.name());
    EXPECT_NE(sqlite3_vfs_find(name.c_str()), nullptr);
  }
  EXPECT_EQ(sqlite3_vfs_find(name.c_str()), nullptr);
  EXPECT_STRNE(sqlite3_vfs_find(nullptr)->zName, one.name());  // nobody gets it unasked
}

}  // namespace
}  // namespace cusp::server
