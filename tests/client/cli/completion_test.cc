#include "client/cli/completion.h"

#include <gmock/gmock.h>

#include "tests/client/cli/cli_fixture.h"

namespace cusp::client {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(CompletionTest, EveryShellKnowsCommandsAndFlags) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const CuspResult result = CallCusp({"completion", shell});
    EXPECT_EQ(result.code, 0);
    EXPECT_THAT(result.out, AllOf(HasSubstr("submit"), HasSubstr("parsable"), HasSubstr("server")))
        << shell;
  }
  EXPECT_THAT(CallCusp({"completion", "zsh"}).out, testing::StartsWith("#compdef cusp\n"));
}

TEST(CompletionTest, BashCodeCompletes) {
  const TempDir temp;
  const std::string file = temp.Write("cusp.bash", CallCusp({"completion", "bash"}).out);
  const std::string script = "source " + file +
                             "; COMP_WORDS=(cusp submit --par); COMP_CWORD=2; _cusp; "
                             "[[ ${COMPREPLY[*]} == --parsable ]] && COMP_WORDS=(cusp wor); "
                             "COMP_CWORD=1; _cusp; [[ ${COMPREPLY[*]} == workers ]]";
  EXPECT_EQ(std::system(("bash -c '" + script + "'").c_str()), 0);
}

TEST(CompletionTest, BashCodeCompletesCommandsBelowACommand) {
  const TempDir temp;
  const std::string file = temp.Write("cusp.bash", CallCusp({"completion", "bash"}).out);
  const std::string script = "source " + file +
                             "; COMP_WORDS=(cusp admin tok); COMP_CWORD=2; _cusp; "
                             "[[ ${COMPREPLY[*]} == token ]] && "
                             "COMP_WORDS=(cusp admin user set --max-r); COMP_CWORD=4; _cusp; "
                             "[[ ${COMPREPLY[*]} == --max-running ]]";
  EXPECT_EQ(std::system(("bash -c '" + script + "'").c_str()), 0);
}

TEST(CompletionTest, SubcommandsAndTheirFlagsAreOffered) {
  const TempDir temp;
  const std::string file = temp.Write("cusp.bash", CallCusp({"completion", "bash"}).out);
  const std::string script =
      "source " + file +
      "; COMP_WORDS=(cusp admin ba); COMP_CWORD=2; _cusp; [[ ${COMPREPLY[*]} == backup ]] && "
      "COMP_WORDS=(cusp admin prune --old); COMP_CWORD=3; _cusp; "
      "[[ ${COMPREPLY[*]} == --older-than ]]";
  EXPECT_EQ(std::system(("bash -c '" + script + "'").c_str()), 0);
  EXPECT_THAT(CallCusp({"completion", "zsh"}).out, HasSubstr("resume backup prune doctor"));
  EXPECT_THAT(CallCusp({"completion", "fish"}).out,
              HasSubstr("__fish_seen_subcommand_from admin' -f -a"));
}

TEST(CompletionTest, OtherShellsAreRefused) {
  EXPECT_EQ(CallCusp({"completion", "csh"}).code, kExitUsage);
}

}  // namespace
}  // namespace cusp::client
