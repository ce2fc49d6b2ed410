#include "server/store/backup.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>

#include "server/store/migrator.h"
#include "server/store/requests.h"
#include "server/store/sqlite.h"
#include "server/store/writer.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

class BackupTest : public ::testing::Test {
 protected:
  BackupTest() : db_(*Database::Open(dir_.Join("cusp.db"), Database::Mode::kReadWrite)) {
    EXPECT_THAT(Migrate(*db_, Migrations()), IsOk());
  }

  void AddLines(int count) {
    Changes changes;
    Transaction tx{*db_, changes, 1000};
    for (int i = 0; i < count; ++i) {
      ASSERT_THAT(Audit(tx, "a", "b", std::nullopt, std::string(3000, 'x')), IsOk());
    }
  }

  static int64_t LinesOf(const std::string& path) {
    const auto db = Database::Open(path, Database::Mode::kReadWrite);
    EXPECT_THAT(db, IsOk());
    Query query(**db, "SELECT count(*) FROM audit");
    return query.Next() ? query.Int(0) : -1;
  }

  TempDir dir_;
  std::unique_ptr<Database> db_;
};

TEST_F(BackupTest, CopyIsAWholePrivateDatabase) {
  AddLines(10);
  const std::string copy = dir_.Join("copy.db");
  ASSERT_THAT(BackUp(dir_.Join("cusp.db"), copy, [] { return true; }), IsOk());
  struct stat info {};
  ASSERT_EQ(stat(copy.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_FALSE(std::filesystem::exists(copy + "-wal"));
  EXPECT_EQ(LinesOf(copy), 10);
}

TEST_F(BackupTest, CopyIsOfTheBeginningWhateverIsWrittenMeanwhile) {
  AddLines(600);  // more than one step
  int steps = 0;
  ASSERT_THAT(BackUp(dir_.Join("cusp.db"), dir_.Join("copy.db"),
                     [&] {
                       if (++steps > 1) {
                         AddLines(1);
                       }
                       return steps < 1000;
                     }),
              IsOk());
  EXPECT_GT(steps, 1);
  EXPECT_LT(steps, 50);  // it did not begin again with each write
  EXPECT_EQ(LinesOf(dir_.Join("copy.db")), 600);
}

TEST_F(BackupTest, CancelledOneLeavesNothing) {
  EXPECT_THAT(BackUp(dir_.Join("cusp.db"), dir_.Join("copy.db"), [] { return false; }),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_FALSE(std::filesystem::exists(dir_.Join("copy.db")));
}

TEST_F(BackupTest, DamagedDatabaseIsToldAndNotCopied) {
  AddLines(100);
  db_.reset();
  {
    auto db = *Database::Open(dir_.Join("cusp.db"), Database::Mode::kReadWrite);
    ASSERT_THAT(db->Execute("PRAGMA wal_checkpoint(TRUNCATE)"), IsOk());
  }
  const std::string path = dir_.Join("cusp.db");
  std::FILE* file = std::fopen(path.c_str(), "r+b");
  ASSERT_NE(file, nullptr);
  const auto size = std::filesystem::file_size(path);
  std::fseek(file, static_cast<long>(size / 2), SEEK_SET);
  const std::string garbage(8192, '\x5a');
  std::fwrite(garbage.data(), 1, garbage.size(), file);
  std::fclose(file);
  EXPECT_THAT(BackUp(path, dir_.Join("copy.db"), [] { return true; }),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("damaged")));
  EXPECT_FALSE(std::filesystem::exists(dir_.Join("copy.db")));
}

TEST_F(BackupTest, NoFileIsOverwritten) {
  dir_.Write("copy.db", "precious");
  EXPECT_THAT(BackUp(dir_.Join("cusp.db"), dir_.Join("copy.db"), [] { return true; }),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("copy.db")));
  EXPECT_EQ(std::filesystem::file_size(dir_.Join("copy.db")), 8U);
}

TEST_F(BackupTest, LeftoversOfADeadProcessAreRemovedAndNothingElse) {
  const std::string stale = BackupPath(dir_.path());
  std::fclose(std::fopen(stale.c_str(), "w"));
  std::fclose(std::fopen((stale + "-journal").c_str(), "w"));
  RemoveStaleBackups(dir_.path());
  EXPECT_FALSE(std::filesystem::exists(stale));
  EXPECT_FALSE(std::filesystem::exists(stale + "-journal"));
  EXPECT_TRUE(std::filesystem::exists(dir_.Join("cusp.db")));
}

}  // namespace
}  // namespace cusp::server
