#include "client/cli/commands.h"

#include <gmock/gmock.h>

#include <iostream>

#include "tests/client/cli/cli_fixture.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

using CommandsTest = CliTest;

TEST_F(CommandsTest, VersionAndHelpEndWell) {
  EXPECT_THAT(CallCusp({"--version"}).out, testing::StartsWith("cusp "));
  const CuspResult help = CallCusp({"help"});
  EXPECT_EQ(help.code, 0);
  for (const char* command :
       {"run", "submit", "list", "show", "watch", "cancel", "hold", "release", "retry", "priority",
        "results", "workers", "sql", "export", "import", "admin", "completion"}) {
    EXPECT_THAT(help.out, HasSubstr(command));
  }
  EXPECT_THAT(CallCusp({"help", "submit"}).out, HasSubstr("--request-id"));
  EXPECT_THAT(CallCusp({"submit", "--help"}).out, HasSubstr("--request-id"));
}

TEST_F(CommandsTest, MistypedCommandIsNamedWithTheNearest) {
  const CuspResult result = CallCusp({"lst"});
  EXPECT_EQ(result.code, kExitUsage);
  EXPECT_THAT(result.err, HasSubstr("no command `lst`; did you mean `list`?"));
  EXPECT_EQ(CallCusp({"help", "nothing"}).code, kExitUsage);
}

TEST_F(CommandsTest, BadUsageHasItsExitCode) {
  EXPECT_EQ(CallCusp({}).code, kExitUsage);
  EXPECT_EQ(CallCusp({"list", "--bogus"}).code, kExitUsage);
  EXPECT_EQ(CallCusp({"show"}).code, kExitUsage);
  EXPECT_EQ(CallCusp({"list", "extra"}).code, kExitUsage);
  EXPECT_THAT(CallCusp({"list", "--limit", "0"}).err, HasSubstr("--limit"));
}

TEST_F(CommandsTest, OutputThatCannotBeWrittenIsNoSuccess) {
  std::cout.setstate(std::ios::badbit);
  const CuspResult models = CallCusp({"models"});
  const CuspResult version = CallCusp({"--version"});
  const CuspResult bad = CallCusp({"help", "nothing"});
  std::cout.clear();
  EXPECT_EQ(models.code, kExitUnexpected);
  EXPECT_THAT(models.err, HasSubstr("standard output"));
  EXPECT_EQ(version.code, kExitUnexpected);
  EXPECT_EQ(bad.code, kExitUsage);
}

TEST_F(CommandsTest, CommonFlagsStandBeforeOrAfterTheCommand) {
  unsetenv("CUSP_SERVER");
  EXPECT_EQ(CallCusp({"--json", "--server", address(), "show", "k3f9"}).code, 0);
  EXPECT_EQ(CallCusp({"show", "k3f9", "--json", "--server", address()}).code, 0);
}

}  // namespace
}  // namespace cusp::client
