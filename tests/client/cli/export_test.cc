#include "client/cli/export.h"

#include <gmock/gmock.h>

#include "common/file.h"
#include "tests/client/cli/operations_fixture.h"
#include "tests/support/status_matchers.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

using ExportCommandTest = OperationsCliTest;

TEST_F(ExportCommandTest, WritesTheFileAndSaysWhere) {
  const std::string path = temp_.Join("job.cusp");
  const CuspResult result = CallCusp({"export", "k3f9", "--output", path});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr(path));
  EXPECT_THAT(ReadFile(path, 100), IsOkAndHolds("an archive"));
}

TEST_F(ExportCommandTest, StandardOutputHoldsTheFileAlone) {
  const CuspResult result = CallCusp({"export", "k3f9", "-o", "-"});
  EXPECT_EQ(result.out, "an archive");
  EXPECT_EQ(result.err, "");
}

TEST_F(ExportCommandTest, FaultsHaveTheirExitCodes) {
  EXPECT_EQ(CallCusp({"export", "k3f9"}).code, kExitUsage);
  EXPECT_EQ(CallCusp({"export", "k3f9", "-o", "/nonexistent/x"}).code, kExitUsage);
  fake_.archives.status = {grpc::StatusCode::FAILED_PRECONDITION, "has not ended"};
  EXPECT_EQ(CallCusp({"export", "k3f9", "-o", temp_.Join("x")}).code, kExitUnexpected);
}

}  // namespace
}  // namespace cusp::client
