#include "common/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp {
namespace {

using ::testing::HasSubstr;

constexpr size_t kLimit = 1U << 20U;

TEST(ReadFileTest, GivesEveryByte) {
  const TempDir dir;
  const std::string content("a\0b\n", 4);
  EXPECT_THAT(ReadFile(dir.Write("file", content), kLimit), IsOkAndHolds(content));
  EXPECT_THAT(ReadFile(dir.Write("empty", ""), kLimit), IsOkAndHolds(""));
}

TEST(ReadFileTest, NamesWhatCannotBeRead) {
  const TempDir dir;
  EXPECT_THAT(ReadFile(dir.Join("none"), kLimit),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(dir.Join("none"))));
  EXPECT_THAT(ReadFile(dir.path(), kLimit),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("is a folder")));
}

TEST(ReadFileTest, RefusesOneByteTooMany) {
  const TempDir dir;
  const std::string path = dir.Write("file", std::string(100, 'x'));
  EXPECT_THAT(ReadFile(path, 100), IsOkAndHolds(std::string(100, 'x')));
  EXPECT_THAT(ReadFile(path, 99),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("limit of 99 bytes")));
}

TEST(WriteFileAtomicallyTest, ReplacesAndLeavesNothingElse) {
  const TempDir dir;
  const std::string path = dir.Write("file", "old");
  EXPECT_THAT(WriteFileAtomically(path, "new"), IsOk());
  EXPECT_THAT(ReadFile(path, kLimit), IsOkAndHolds("new"));
  const auto entries = std::filesystem::directory_iterator(dir.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST(WriteFileAtomicallyTest, ConcurrentWritersLeaveOneWholeContent) {
  const TempDir dir;
  const std::string path = dir.Join("file");
  std::vector<std::thread> writers;
  for (const char letter : {'a', 'b', 'c', 'd'}) {
    writers.emplace_back([&path, letter] {
      for (int i = 0; i < 20; ++i) {
        EXPECT_THAT(WriteFileAtomically(path, std::string(10'000, letter)), IsOk());
      }
    });
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
  const auto content = ReadFile(path, kLimit);
  ASSERT_THAT(content, IsOk());
  EXPECT_EQ(*content, std::string(10'000, content->front()));
}

TEST(WriteFileAtomicallyTest, PipeIsWrittenToAndNotReplaced) {
  const TempDir temp;
  const std::string path = temp.Join("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  EXPECT_THAT(WriteFileAtomically(path, "abc"), IsOk());
  std::string got(3, ' ');
  EXPECT_EQ(read(reader, got.data(), got.size()), 3);
  close(reader);
  EXPECT_EQ(got, "abc");
  EXPECT_TRUE(IsDeviceOrPipe(path));
}

TEST(WriteFileAtomicallyTest, MissingFolderIsNotFound) {
  const TempDir dir;
  EXPECT_THAT(WriteFileAtomically(dir.Join("none/file"), "x"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none/file")));
}

TEST(MakeDirectoriesTest, MakesPrivateParentsAndIsRepeatable) {
  const TempDir dir;
  const std::string path = dir.Join("a/b/c");
  EXPECT_THAT(MakeDirectories(path), IsOk());
  EXPECT_THAT(MakeDirectories(path + "/"), IsOk());
  struct stat info {};
  ASSERT_EQ(stat(dir.Join("a/b").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
}

TEST(MakeDirectoriesTest, FileInTheWayIsNamed) {
  const TempDir dir;
  const std::string path = dir.Write("file", "");
  EXPECT_THAT(MakeDirectories(path),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not a folder")));
  EXPECT_THAT(MakeDirectories(path + "/below"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(path)));
}

TEST(ExecutableDirectoryTest, HoldsThisTest) {
  const auto folder = ExecutableDirectory();
  ASSERT_THAT(folder, IsOk());
  EXPECT_TRUE(std::filesystem::exists(*folder + "/file_test"));
}

}  // namespace
}  // namespace cusp
