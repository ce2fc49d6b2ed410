#include "client/lib/archive_calls.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "common/file.h"
#include "tests/client/lib/fake_operations.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

TEST(ArchiveCallsTest, ExportWritesTheWholeFile) {
  const TempDir dir;
  FakeOperations fake;
  ASSERT_THAT(ExportJob(fake.connection(), "jobs/k3f9", dir.Join("job.cusp")), IsOk());
  EXPECT_THAT(ReadFile(dir.Join("job.cusp"), 100), IsOkAndHolds("an archive"));
}

TEST(ArchiveCallsTest, ExportThatEndsEarlyLeavesNoFile) {
  const TempDir dir;
  FakeOperations fake;
  fake.archives.status = {grpc::StatusCode::ABORTED, "pruned meanwhile"};
  EXPECT_THAT(ExportJob(fake.connection(), "jobs/k3f9", dir.Join("job.cusp")),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(ArchiveCallsTest, FolderThatIsNotThereIsBadInput) {
  FakeOperations fake;
  EXPECT_THAT(ExportJob(fake.connection(), "jobs/k3f9", "/nonexistent/job.cusp"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("/nonexistent")));
}

TEST(ArchiveCallsTest, ImportSendsAllOfIt) {
  const TempDir dir;
  FakeOperations fake;
  const std::string content(700'000, 'c');
  const auto response = ImportJob(fake.connection(), dir.Write("job.cusp", content));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(fake.archives.taken, content);
  EXPECT_EQ(response->job().name(), "jobs/k3f9");
}

TEST(ArchiveCallsTest, FaultsOfTheContentNameTheFile) {
  const TempDir dir;
  FakeOperations fake;
  fake.archives.status = {grpc::StatusCode::INVALID_ARGUMENT, "record 3 (byte 9): bad"};
  const std::string path = dir.Write("job.cusp", "x");
  EXPECT_THAT(ImportJob(fake.connection(), path),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(path + ": record 3")));
  EXPECT_THAT(ImportJob(fake.connection(), dir.Join("none")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("none")));
}

}  // namespace
}  // namespace cusp::client
