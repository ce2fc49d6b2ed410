#include "client/cli/admin.h"

#include <gmock/gmock.h>

#include "tests/client/cli/operations_fixture.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

using AdminCommandTest = OperationsCliTest;

TEST_F(AdminCommandTest, HelpListsItsSubcommands) {
  const std::string help = CallCusp({"help", "admin"}).out;
  for (const char* name :
       {"token", "user", "audit", "drain", "resume", "backup", "prune", "doctor"}) {
    EXPECT_THAT(help, HasSubstr(name));
  }
}

TEST_F(AdminCommandTest, NeedsOneOfThem) {
  EXPECT_EQ(CallCusp({"admin"}).code, kExitUsage);
  EXPECT_EQ(CallCusp({"admin", "token"}).code, kExitUsage);
  EXPECT_EQ(CallCusp({"admin", "nothing"}).code, kExitUsage);
}

TEST_F(AdminCommandTest, CommonFlagsStandAnywhere) {
  unsetenv("CUSP_SERVER");
  EXPECT_EQ(CallCusp({"admin", "doctor", "--json", "--server", address_}).code, 0);
  EXPECT_EQ(CallCusp({"--json", "admin", "--server", address_, "doctor"}).code, 0);
}

}  // namespace
}  // namespace cusp::client
