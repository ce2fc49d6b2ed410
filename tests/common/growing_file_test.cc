#include "common/growing_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <utility>

#include "common/file.h"
#include "common/unique_fd.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp {
namespace {

using ::testing::HasSubstr;

class GrowingFileTest : public ::testing::Test {
 protected:
  std::string Content(const std::string& path) { return ReadFile(path, 1 << 20).value_or("none"); }

  TempDir dir_;
  const std::string path_ = dir_.Join("part");
  const std::string to_ = dir_.Join("ab/whole");
};

TEST_F(GrowingFileTest, PiecesBecomeTheFileWhenTheyAreRight) {
  auto file = GrowingFile::Open(path_);
  ASSERT_THAT(file, IsOk());
  EXPECT_THAT(file->Append("hello "), IsOk());
  EXPECT_THAT(file->Append("world"), IsOk());
  EXPECT_EQ(file->size(), 11);
  EXPECT_THAT(file->Publish(Sha256Hex("hello world"), to_), IsOk());
  EXPECT_EQ(Content(to_), "hello world");
  EXPECT_FALSE(std::filesystem::exists(path_));
  struct stat info {};
  ASSERT_EQ(stat(to_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(GrowingFileTest, BrokenTransferGoesOnWhereItWas) {
  {
    auto file = GrowingFile::Open(path_);
    ASSERT_THAT(file, IsOk());
    ASSERT_THAT(file->Append("hello "), IsOk());
  }
  auto file = GrowingFile::Open(path_);
  ASSERT_THAT(file, IsOk());
  EXPECT_EQ(file->size(), 6);
  EXPECT_THAT(file->Append("world"), IsOk());
  EXPECT_THAT(file->Publish(Sha256Hex("hello world"), to_), IsOk());
  EXPECT_EQ(Content(to_), "hello world");
}

TEST_F(GrowingFileTest, WrongBytesAreDropped) {
  auto file = GrowingFile::Open(path_);
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT(file->Append("hello"), IsOk());
  EXPECT_THAT(file->Publish(Sha256Hex("world"), to_),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr(Sha256Hex("hello"))));
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_FALSE(std::filesystem::exists(to_));
}

TEST_F(GrowingFileTest, ClearedOneBeginsAgain) {
  auto file = GrowingFile::Open(path_);
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT(file->Append("wrong"), IsOk());
  ASSERT_THAT(file->Clear(), IsOk());
  EXPECT_EQ(file->size(), 0);
  ASSERT_THAT(file->Append("right"), IsOk());
  EXPECT_THAT(file->Publish(Sha256Hex("right"), to_), IsOk());
}

TEST_F(GrowingFileTest, TwoNeverWriteTheSame) {
  const auto first = GrowingFile::Open(path_);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(GrowingFile::Open(path_), StatusIs(absl::StatusCode::kAborted));
}

TEST_F(GrowingFileTest, FolderThatIsNotThereIsNamed) {
  EXPECT_THAT(GrowingFile::Open(dir_.Join("none/part")),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none/part")));
}

TEST_F(GrowingFileTest, LinksAreNotFollowed) {
  std::filesystem::create_symlink(dir_.Write("other", "x"), path_);
  EXPECT_FALSE(GrowingFile::Open(path_).ok());
}

TEST(UniqueFdTest, MovesAndCloses) {
  UniqueFd outer;
  EXPECT_FALSE(outer.ok());
  {
    UniqueFd inner(dup(0));
    ASSERT_TRUE(inner.ok());
    outer = std::move(inner);
  }
  const int fd = outer.get();
  EXPECT_EQ(close(dup(fd)), 0);
  outer = UniqueFd();
  EXPECT_FALSE(outer.ok());
}

}  // namespace
}  // namespace cusp
