#include "server/store/sqlite.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

class SqliteTest : public ::testing::Test {
 protected:
  SqliteTest() : db_(*Database::Open(dir_.Join("db"), Database::Mode::kReadWrite)) {
    EXPECT_THAT(db_->Execute("CREATE TABLE t (i INTEGER, r REAL, s TEXT, b BLOB) STRICT"), IsOk());
  }

  TempDir dir_;
  std::unique_ptr<Database> db_;
};

TEST_F(SqliteTest, EveryKindOfValueComesBack) {
  const std::string bytes("\0x", 2);
  ASSERT_THAT(server::Run(*db_, "INSERT INTO t VALUES (?, ?, ?, ?)", int64_t{1} << 40, 0.5,
                          "it's; DROP TABLE t", Blob{bytes}),
              IsOk());
  Query query(*db_, "SELECT i, r, s, b FROM t");
  ASSERT_TRUE(query.Next());
  EXPECT_EQ(query.Int(0), int64_t{1} << 40);
  EXPECT_EQ(query.Real(1), 0.5);
  EXPECT_EQ(query.Text(2), "it's; DROP TABLE t");
  EXPECT_EQ(query.Bytes(3), bytes);
  EXPECT_FALSE(query.Next());
  EXPECT_THAT(query.status(), IsOk());
}

TEST_F(SqliteTest, EmptyTextIsNotNull) {
  ASSERT_THAT(server::Run(*db_, "INSERT INTO t (i, s) VALUES (?, ?)", std::nullopt, ""), IsOk());
  Query query(*db_, "SELECT i, s FROM t");
  ASSERT_TRUE(query.Next());
  EXPECT_TRUE(query.IsNull(0));
  EXPECT_FALSE(query.OptionalInt(0).has_value());
  EXPECT_FALSE(query.IsNull(1));
}

TEST_F(SqliteTest, FirstErrorSticks) {
  Query query(*db_, "SELECT nothing FROM t");
  EXPECT_FALSE(query.Next());
  EXPECT_THAT(query.Run(), StatusIs(absl::StatusCode::kInternal, HasSubstr("nothing")));
}

TEST_F(SqliteTest, SameStatementMayRunInsideItself) {
  ASSERT_THAT(db_->Execute("INSERT INTO t (i) VALUES (1), (2)"), IsOk());
  int rows = 0;
  Query outer(*db_, "SELECT i FROM t");
  while (outer.Next()) {
    Query inner(*db_, "SELECT i FROM t");
    while (inner.Next()) {
      ++rows;
    }
  }
  EXPECT_EQ(rows, 4);
}

TEST_F(SqliteTest, ReaderCannotWrite) {
  const auto reader = Database::Open(dir_.Join("db"), Database::Mode::kReadOnly);
  ASSERT_THAT(reader, IsOk());
  EXPECT_FALSE(server::Run(**reader, "INSERT INTO t (i) VALUES (1)").ok());
}

TEST_F(SqliteTest, FileThatIsNoDatabaseIsRefused) {
  const std::string path = dir_.Write("text", std::string(5000, 'x'));
  EXPECT_THAT(Database::Open(path, Database::Mode::kReadWrite),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr(path)));
}

TEST_F(SqliteTest, FullDiskIsResourceExhausted) {
  ASSERT_THAT(db_->Execute("PRAGMA max_page_count = 3"), IsOk());
  EXPECT_THAT(server::Run(*db_, "INSERT INTO t (s) VALUES (?)", std::string(100000, 'x')),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("make room")));
}

}  // namespace
}  // namespace cusp::server
