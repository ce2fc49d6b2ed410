#include "client/cli/admin.h"

#include <gmock/gmock.h>

#include "tests/client/cli/cli_fixture.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

TEST(AdminTest, WantsOneOfItsCommands) {
  EXPECT_EQ(CallCusp({"admin"}).code, kExitUsage);
  EXPECT_EQ(CallCusp({"admin", "token"}).code, kExitUsage);
  EXPECT_EQ(CallCusp({"admin", "frobnicate"}).code, kExitUsage);
}

TEST(AdminTest, HelpNamesThem) {
  const std::string help = CallCusp({"help", "admin"}).out;
  for (const char* command : {"token", "user", "audit", "drain", "resume"}) {
    EXPECT_THAT(help, HasSubstr(command));
  }
}

}  // namespace
}  // namespace cusp::client
