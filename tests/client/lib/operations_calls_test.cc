#include "client/lib/operations_calls.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "common/file.h"
#include "common/ids.h"
#include "common/version.h"
#include "tests/client/lib/fake_operations.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

TEST(OperationsCallsTest, BackupIsPrivateAndWhole) {
  const TempDir dir;
  FakeOperations fake;
  EXPECT_THAT(BackUpTo(fake.connection(), dir.Join("b.db")), IsOkAndHolds(10));
  EXPECT_THAT(ReadFile(dir.Join("b.db"), 100), IsOkAndHolds("a database"));
  struct stat info {};
  ASSERT_EQ(stat(dir.Join("b.db").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()),
                          std::filesystem::directory_iterator()),
            1);
}

TEST(OperationsCallsTest, BackupThatWasChangedOnTheWayIsNone) {
  const TempDir dir;
  FakeOperations fake;
  fake.operations.sha256 = std::string(64, '0');
  EXPECT_THAT(BackUpTo(fake.connection(), dir.Join("b.db")), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(OperationsCallsTest, NoBackupIsOverwritten) {
  const TempDir dir;
  FakeOperations fake;
  EXPECT_THAT(BackUpTo(fake.connection(), dir.Write("b.db", "older")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("exists")));
  EXPECT_THAT(ReadFile(dir.Join("b.db"), 100), IsOkAndHolds("older"));
}

TEST(OperationsCallsTest, PruneBearsAFreshId) {
  FakeOperations fake;
  const auto counts = PruneSamples(fake.connection(), std::chrono::hours(24), false);
  ASSERT_THAT(counts, IsOk());
  EXPECT_EQ(counts->samples(), 4000);
  EXPECT_TRUE(IsUuid(fake.operations.prune.request_id()));
  EXPECT_EQ(fake.operations.prune.older_than().seconds(), 86'400);
}

TEST(OperationsCallsTest, DiagnosisTellsTimeAndVersion) {
  FakeOperations fake;
  ASSERT_THAT(Diagnose(fake.connection(), 1'500'000), IsOk());
  EXPECT_EQ(fake.operations.diagnose.client_time().seconds(), 1);
  EXPECT_EQ(fake.operations.diagnose.client_time().nanos(), 500'000'000);
  EXPECT_EQ(fake.operations.diagnose.client_version(), kVersion);
}

}  // namespace
}  // namespace cusp::client
