#include "client/cli/show.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/client/cli/cli_fixture.h"

namespace cusp::client {
namespace {

using ShowTest = CliTest;

TEST_F(ShowTest, PrintsTheJob) {
  const CuspResult result = CallCusp({"show", "k3f9"});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, testing::HasSubstr("state      succeeded"));
}

TEST_F(ShowTest, JsonHasSweeps) {
  const auto json = nlohmann::json::parse(CallCusp({"show", "k3f9x2a1bc", "--json"}).out);
  EXPECT_EQ(json["sweeps"][0]["dtype"], "float32");
}

TEST_F(ShowTest, UnknownJobHasItsExitCode) {
  EXPECT_EQ(CallCusp({"show", "zzz"}).code, kExitNotFound);
}

}  // namespace
}  // namespace cusp::client
