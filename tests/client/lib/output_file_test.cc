#include "client/lib/output_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "common/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::client {
namespace {

TEST(OutputFileTest, AppearsWholeOnCommit) {
  const TempDir temp;
  auto file = OutputFile::Create(temp.Join("out.csv"));
  ASSERT_THAT(file, IsOk());
  file->Write("a\n");
  file->Write("b\n");
  EXPECT_FALSE(std::filesystem::exists(temp.Join("out.csv")));
  ASSERT_THAT(file->Commit(), IsOk());
  EXPECT_THAT(ReadFile(temp.Join("out.csv"), 100), IsOkAndHolds("a\nb\n"));
}

TEST(OutputFileTest, NothingIsLeftWithoutCommit) {
  const TempDir temp;
  {
    auto file = OutputFile::Create(temp.Join("out.csv"));
    ASSERT_THAT(file, IsOk());
    file->Write("a\n");
  }
  EXPECT_TRUE(std::filesystem::is_empty(temp.path()));
}

TEST(OutputFileTest, MissingFolderIsNamed) {
  EXPECT_THAT(OutputFile::Create("/nowhere/out.csv").status(),
              StatusIs(absl::StatusCode::kNotFound, testing::HasSubstr("/nowhere/out.csv")));
}

TEST(OutputFileTest, PipeIsWrittenToAndNotReplaced) {
  const TempDir temp;
  const std::string path = temp.Join("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  auto file = OutputFile::Create(path);
  ASSERT_THAT(file, IsOk());
  file->Write("abc");
  EXPECT_THAT(file->Commit(), IsOk());
  std::string got(3, ' ');
  EXPECT_EQ(read(reader, got.data(), got.size()), 3);
  close(reader);
  EXPECT_EQ(got, "abc");
  EXPECT_TRUE(IsDeviceOrPipe(path));
}

TEST(OutputFileTest, AFullDiskIsToldFromAnUnreachableOne) {
  auto file = OutputFile::Create("/dev/full");
  ASSERT_THAT(file, IsOk());
  file->Write("abc");
  EXPECT_THAT(file->Commit(), StatusIs(absl::StatusCode::kResourceExhausted,
                                       testing::HasSubstr("/dev/full: No space left")));
}

TEST(OutputFileTest, DashIsStandardOutput) {
  testing::internal::CaptureStdout();
  auto file = OutputFile::Create("-");
  ASSERT_THAT(file, IsOk());
  file->Write("x\n");
  ASSERT_THAT(file->Commit(), IsOk());
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "x\n");
}

}  // namespace
}  // namespace cusp::client
