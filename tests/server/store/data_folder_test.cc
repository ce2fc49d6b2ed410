#include "server/store/data_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

TEST(DataFolderTest, NewFolderIsPrivate) {
  TempDir dir;
  ASSERT_THAT(DataFolder::Open(dir.Join("a/b")), IsOk());
  struct stat info {};
  ASSERT_EQ(stat(dir.Join("a/b").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
}

TEST(DataFolderTest, SecondOwnerIsRefusedUntilTheFirstIsGone) {
  TempDir dir;
  {
    const auto first = DataFolder::Open(dir.path());
    ASSERT_THAT(first, IsOk());
    EXPECT_THAT(DataFolder::Open(dir.path()),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("another cuspd")));
  }
  EXPECT_THAT(DataFolder::Open(dir.path()), IsOk());
}

TEST(DataFolderTest, LogLeftOverMeansACrash) {
  TempDir dir;
  const auto folder = DataFolder::Open(dir.path());
  EXPECT_FALSE(folder->LeftByCrash());
  dir.Write("cusp.db-wal", "left over");
  EXPECT_TRUE(folder->LeftByCrash());
}

TEST(DataFolderTest, FileSystemOfAFolder) {
  const TempDir dir;
  EXPECT_THAT(NetworkFileSystemOf(dir.path()), IsOkAndHolds(""));
  EXPECT_THAT(NetworkFileSystemOf(dir.Join("nothing")),
              StatusIs(absl::StatusCode::kUnavailable, ::testing::HasSubstr("nothing")));
}

TEST(DataFolderTest, KnowsNetworkFileSystems) {
  EXPECT_STREQ(NetworkFileSystemName(0x6969), "NFS");
  EXPECT_STREQ(NetworkFileSystemName(0xfe534d42), "SMB2");
  EXPECT_EQ(NetworkFileSystemName(0xef53), nullptr);
}

}  // namespace
}  // namespace cusp::server
