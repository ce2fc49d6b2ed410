#include "client/lib/output_file.h"

#include <gtest/gtest.h>

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
