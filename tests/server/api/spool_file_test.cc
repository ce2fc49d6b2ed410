#include "server/api/spool_file.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <string>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::server {
namespace {

using ::testing::HasSubstr;

std::string ReadAll(SpoolFile& spool) {
  std::string all(100, '\0');
  const auto n = spool.Read(all.data(), all.size());
  EXPECT_THAT(n, IsOk());
  all.resize(*n);
  return all;
}

TEST(SpoolFileTest, GivesBackWhatWasAppendedFromTheBeginning) {
  const TempDir dir;
  auto spool = SpoolFile::Create(dir.path(), 100);
  ASSERT_THAT(spool, IsOk());
  ASSERT_THAT(spool->Append("ab"), IsOk());
  ASSERT_THAT(spool->Append("cd"), IsOk());
  EXPECT_EQ(ReadAll(*spool), "abcd");
  EXPECT_EQ(ReadAll(*spool), "");
  spool->Rewind();
  SpoolFile moved = *std::move(spool);
  EXPECT_EQ(ReadAll(moved), "abcd");
}

TEST(SpoolFileTest, HasNoNameThatCouldBeLeftBehind) {
  const TempDir dir;
  const auto spool = SpoolFile::Create(dir.path(), 100);
  ASSERT_THAT(spool, IsOk());
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(SpoolFileTest, SizeIsLimited) {
  const TempDir dir;
  auto spool = SpoolFile::Create(dir.path(), 4);
  ASSERT_THAT(spool->Append("abcd"), IsOk());
  EXPECT_THAT(spool->Append("e"), StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(SpoolFileTest, MissingFolderIsNamed) {
  EXPECT_THAT(SpoolFile::Create("/nonexistent", 4),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("/nonexistent")));
}

}  // namespace
}  // namespace cusp::server
