#include "server/store/data_folder.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

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

TEST(DataFolderTest, FolderThatEveryAccountMayWriteToIsRefused) {
  const TempDir dir;
  chmod(dir.path().c_str(), 0777);
  EXPECT_THAT(DataFolder::Open(dir.path()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr(dir.path() + " has mode 0777"),
                             HasSubstr("`chmod 700 " + dir.path() + "`"))));
  EXPECT_NE(access(dir.Join("cuspd.lock").c_str(), F_OK), 0);
  chmod(dir.path().c_str(), 01777);  // as /tmp, which is nobody's to change
  EXPECT_THAT(DataFolder::Open(dir.path()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("mode 1777"), HasSubstr(dir.Join("cusp")),
                             Not(HasSubstr("chmod")))));
}

TEST(DataFolderTest, FolderOfAGroupIsTakenWithAWarning) {
  const TempDir dir;
  EXPECT_EQ(DataFolder::Open(dir.path())->warning(), "");
  chmod(dir.path().c_str(), 0775);
  const auto folder = DataFolder::Open(dir.path());
  ASSERT_THAT(folder, IsOk());
  EXPECT_THAT(folder->warning(), AllOf(HasSubstr("mode 0775"), HasSubstr("its group"),
                                       HasSubstr("chmod 700 " + dir.path())));
}

TEST(DataFolderTest, FolderOfAnotherAccountIsFaulty) {
  const FolderAccess access = JudgeFolderAccess("/data", 0700, 1234, 1000);
  EXPECT_FALSE(access.is_open_to_all);
  EXPECT_THAT(access.fault, HasSubstr("/data belongs to account 1234"));
  EXPECT_EQ(JudgeFolderAccess("/data", 0755, 0, 1000).fault, "");
  EXPECT_EQ(JudgeFolderAccess("/data", 0755, 1000, 1000).fault, "");
  EXPECT_THAT(FolderAccessOf("/nothing/here"), StatusIs(absl::StatusCode::kUnavailable));
}

TEST(DataFolderTest, LockThatCannotBeTakenIsToldWithTheRemedy) {
  const TempDir dir;
  ASSERT_EQ(mkdir(dir.Join("cuspd.lock").c_str(), 0700), 0);
  EXPECT_THAT(
      DataFolder::Open(dir.path()).status().message(),
      AllOf(HasSubstr("cuspd.lock: "), HasSubstr("account that runs cuspd"), HasSubstr("--data")));
  EXPECT_THAT(DataFolder::Open("/proc/cusp").status().message(), HasSubstr("--data"));
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
