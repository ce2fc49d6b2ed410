#include "common/secret_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp {
namespace {

using ::testing::HasSubstr;

class SecretFileTest : public testing::Test {
 protected:
  static mode_t ModeOf(const std::string& path) {
    struct stat info {};
    EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
    return info.st_mode & 0777U;
  }

  const TempDir dir_;
  const std::string path_ = dir_.Join("token");
};

TEST_F(SecretFileTest, NewFileIsPrivateAndNeverOverwritten) {
  const mode_t before = umask(0);
  ASSERT_THAT(CreateSecretFile(path_, "secret\n"), IsOk());
  umask(before);
  EXPECT_EQ(ModeOf(path_), 0600U);
  EXPECT_THAT(CreateSecretFile(path_, "other"), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(ReadSecretFile(path_), IsOkAndHolds("secret"));
}

TEST_F(SecretFileTest, ReplacedFileIsPrivateWhateverItWas) {
  dir_.Write("token", "old");
  ASSERT_EQ(chmod(path_.c_str(), 0644), 0);
  ASSERT_THAT(ReplaceSecretFile(path_, "new"), IsOk());
  EXPECT_EQ(ModeOf(path_), 0600U);
  EXPECT_THAT(ReadSecretFile(path_), IsOkAndHolds("new"));
}

TEST_F(SecretFileTest, AnyAccessOfOthersIsRefused) {
  ASSERT_THAT(CreateSecretFile(path_, "secret"), IsOk());
  for (const mode_t mode : {0640U, 0604U, 0620U, 0610U, 0601U}) {
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
    EXPECT_THAT(ReadSecretFile(path_),
                StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("chmod 600 " + path_)))
        << std::oct << mode;
  }
  ASSERT_EQ(chmod(path_.c_str(), 0400), 0);
  EXPECT_THAT(ReadSecretFile(path_), IsOk());
}

TEST_F(SecretFileTest, MissingAndEmptyFilesAreNamed) {
  EXPECT_THAT(ReadSecretFile(path_), StatusIs(absl::StatusCode::kNotFound, HasSubstr(path_)));
  ASSERT_THAT(CreateSecretFile(path_, " \n"), IsOk());
  EXPECT_THAT(ReadSecretFile(path_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("empty")));
}

}  // namespace
}  // namespace cusp
