// What the daemons write to their logs, where no class alone decides it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
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

// Where every line is an object; `from_grpc` counts those that are gRPC's.
void ExpectJsonLines(const std::string& log, int& from_grpc) {
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    ASSERT_FALSE(json.is_discarded()) << line;
    from_grpc += json.value("source", "") == "grpc" ? 1 : 0;
  }
}

// gRPC complains of a trace that it doesn't know with its first line.
TEST_F(LogTest, GrpcsOwnLinesAreTheDaemonsToo) {
  ASSERT_NO_FATAL_FAILURE(stack_.StartCoordinator());
  const auto cuspd = stack_.Call({"/usr/bin/env", "GRPC_TRACE=nonsense", "/usr/bin/timeout", "2",
                                  BinFolder() + "/cuspd", "serve", "--data", stack_.Path("other"),
                                  "--log-format", "json"});
  int from_grpc = 0;
  ExpectJsonLines(cuspd.err, from_grpc);
  EXPECT_GT(from_grpc, 0) << cuspd.err;

  const auto worker =
      stack_.Call({"/usr/bin/env", "GRPC_TRACE=nonsense", BinFolder() + "/cusp-worker", "--server",
                   stack_.server(), "--log-format", "json", "--memory-limit", "much"});
  from_grpc = 0;
  ExpectJsonLines(worker.err, from_grpc);
  EXPECT_GT(from_grpc, 0) << worker.err;
}

TEST_F(LogTest, CoordinatorThatDoesNotStartSaysSoInItsLog) {
  const auto serve = [this](const std::string& level) {
    return stack_.Call({BinFolder() + "/cuspd", "serve", "--data", stack_.Path("d"), "--listen",
                        "0.0.0.0:0", "--log-format", "json", "--log-level", level});
  };
  const CommandResult told = serve("info");
  EXPECT_EQ(told.exit_code, 2);
  const auto json = nlohmann::json::parse(told.err, nullptr, false);
  ASSERT_FALSE(json.is_discarded()) << told.err;
  EXPECT_EQ(json.value("level", ""), "error");
  EXPECT_THAT(json.value("reason", ""), HasSubstr("--tls-cert"));
  EXPECT_THAT(serve("off").err, HasSubstr("cuspd: "));
}

TEST_F(LogTest, ClientKeepsGrpcsLinesForWhoAsks) {
  const auto list = [this](const std::string& variable) {
    return stack_.Call(
        {"/usr/bin/env", variable, BinFolder() + "/cusp", "--server", "127.0.0.1:1", "list"});
  };
  EXPECT_EQ(list("UNRELATED=1").exit_code, 3);
  const std::string usual = list("UNRELATED=1").err;
  EXPECT_EQ(std::count(usual.begin(), usual.end(), '\n'), 1) << usual;
  EXPECT_THAT(list("GRPC_TRACE=nonsense").err, HasSubstr("nonsense"));
  EXPECT_THAT(list("GRPC_VERBOSITY=debug").err, HasSubstr(".cc:"));
}

}  // namespace
}  // namespace cusp::e2e
