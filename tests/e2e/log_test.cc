// What the daemons write to their logs, where no class alone decides it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/e2e/stack.h"
#include "tests/support/paths.h"

namespace cusp::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class LogTest : public testing::Test {
 protected:
  // A worker that finds no bubblewrap, to the end of its start.
  CommandResult WorkerWithoutBubblewrap(const std::string& sandbox) {
    return stack_.Call({"/usr/bin/env", "PATH=/nowhere", BinFolder() + "/cusp-worker", "--server",
                        stack_.server(), "--sandbox", sandbox, "--memory-limit", "much"});
  }

  Stack stack_;
};

TEST_F(LogTest, MissingSandboxIsAWarningUnlessItWasChosen) {
  EXPECT_THAT(WorkerWithoutBubblewrap("auto").err,
              HasSubstr("Z warning the runner has no sandbox"));
  const std::string chosen = WorkerWithoutBubblewrap("off").err;
  EXPECT_THAT(chosen, HasSubstr("Z info the runner has no sandbox: --sandbox off"));
  EXPECT_THAT(chosen, Not(HasSubstr("warning")));
}

}  // namespace
}  // namespace cusp::e2e
