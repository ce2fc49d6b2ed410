#include "client/cli/admin_backup.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "common/file.h"
#include "tests/client/cli/operations_fixture.h"
#include "tests/support/status_matchers.h"

namespace cusp::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using AdminBackupTest = OperationsCliTest;

TEST_F(AdminBackupTest, WritesTheFileAndTellsItsSize) {
  const std::string path = temp_.Join("b.db");
  EXPECT_EQ(CallCusp({"admin", "backup", path}).out, path + ": 10 B, checked\n");
  EXPECT_THAT(ReadFile(path, 100), IsOkAndHolds("a database"));
  const std::string other = temp_.Join("c.db");
  const auto json = nlohmann::json::parse(CallCusp({"admin", "backup", other, "--json"}).out);
  EXPECT_EQ(json["bytes"], 10);
  EXPECT_EQ(json["file"], other);
}

TEST_F(AdminBackupTest, ExistingFileIsBadUsage) {
  const CuspResult result = CallCusp({"admin", "backup", temp_.Write("b.db", "x")});
  EXPECT_EQ(result.code, kExitUsage);
  EXPECT_THAT(result.err, HasSubstr("exists"));
}

TEST_F(AdminBackupTest, FolderThatIsMissingIsNamedWithTheFileAsGiven) {
  const std::string path = temp_.Join("nothing/b.db");
  const CuspResult result = CallCusp({"admin", "backup", path});
  EXPECT_EQ(result.code, kExitUsage);
  EXPECT_THAT(result.err, AllOf(HasSubstr("cannot write " + path + " (folder " +
                                          temp_.Join("nothing") + ": No such file or directory)"),
                                HasSubstr("make the folder"), Not(HasSubstr(".tmp"))));
}

TEST_F(AdminBackupTest, RefusalHasItsExitCode) {
  fake_.operations.status = {grpc::StatusCode::PERMISSION_DENIED, "administrators only"};
  EXPECT_EQ(CallCusp({"admin", "backup", temp_.Join("b.db")}).code, kExitNotAllowed);
}

}  // namespace
}  // namespace cusp::client
