#include "client/cli/analyze.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client/cli/exit_code.h"
#include "common/file.h"
#include "tests/support/temp_dir.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

// Runs `cusp analyze` on a file of this content.
Outcome RunOn(const std::string& csv, std::vector<std::string> flags) {
  const TempDir dir;
  const std::string path = dir.path() + "/costs.csv";
  EXPECT_TRUE(WriteFileAtomically(path, csv).ok());
  Invocation invocation;
  CLI::App app;
  app.fallthrough();
  app.add_flag("--json", invocation.json);
  AddAnalyze(app, invocation);
  flags.insert(flags.begin(), {"analyze", path});
  std::reverse(flags.begin(), flags.end());  // as CLI11 takes a vector
  app.parse(flags);
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Outcome outcome;
  outcome.code = invocation.action();
  outcome.out = ::testing::internal::GetCapturedStdout();
  outcome.err = ::testing::internal::GetCapturedStderr();
  return outcome;
}

const std::string kCrossing = "variant,length,value\na,100,1\na,400,4\nb,100,2\nb,400,2\n";

TEST(AnalyzeCommandTest, PrintsTheAgreedJson) {
  const Outcome outcome = RunOn(kCrossing, {"--baseline", "a", "--json"});
  EXPECT_EQ(outcome.code, kExitDone);
  const nlohmann::json comparison = nlohmann::json::parse(outcome.out)["comparisons"][0];
  EXPECT_EQ(comparison["baseline"], "a");
  EXPECT_EQ(comparison["candidate"], "b");
  EXPECT_EQ(comparison["metric"], "latency");
  EXPECT_EQ(comparison["mode"], "inference");
  EXPECT_EQ(comparison["dtype"], "float32");
  EXPECT_EQ(comparison["range"], (nlohmann::json{100, 400}));
  EXPECT_EQ(comparison["verdict"], "crosses");
  EXPECT_EQ(comparison["crossings"][0]["direction"], "cheaper");
  EXPECT_NEAR(comparison["first"]["length"].get<double>(), 200, 1e-6);
  EXPECT_EQ(comparison["persistent"]["low"], 100);
  EXPECT_TRUE(comparison["undecided_lengths"].empty());
  EXPECT_TRUE(comparison["equal_lengths"].empty());
}

TEST(AnalyzeCommandTest, PrintsATable) {
  EXPECT_THAT(RunOn(kCrossing, {"--baseline", "a"}).out, HasSubstr("crosses at 200 (100–400)"));
}

TEST(AnalyzeCommandTest, BadInputExitsWithTwoAndNamesTheLine) {
  const Outcome outcome = RunOn("variant,length,value\na,64,fast\n", {"--baseline", "a"});
  EXPECT_EQ(outcome.code, kExitUsage);
  EXPECT_THAT(outcome.err, HasSubstr("costs.csv:2: column `value`"));
  EXPECT_TRUE(outcome.out.empty());
}

TEST(AnalyzeCommandTest, UndecidedExitsWithEightOnlyWhenStrict) {
  const std::string csv =
      "variant,length,value\na,1,1\na,1,2\nb,1,2\nb,1,1\na,2,1\na,2,2\nb,2,2\nb,2,1\n";
  EXPECT_EQ(RunOn(csv, {"--baseline", "a"}).code, kExitDone);
  EXPECT_EQ(RunOn(csv, {"--baseline", "a", "--strict"}).code, kExitUndecided);
}

}  // namespace
}  // namespace cusp::client
