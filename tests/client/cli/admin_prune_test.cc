#include "client/cli/admin_prune.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/client/cli/operations_fixture.h"

namespace cusp::client {
namespace {

using ::testing::HasSubstr;

using AdminPruneTest = OperationsCliTest;

TEST_F(AdminPruneTest, TellsWhatWasDroppedOrWouldBe) {
  EXPECT_EQ(CallCusp({"admin", "prune", "--older-than", "180d"}).out,
            "dropped 4,000 samples in 30 blocks of 2 jobs\n");
  EXPECT_EQ(fake_.operations.prune.older_than().seconds(), 180 * 86'400);
  EXPECT_FALSE(fake_.operations.prune.dry_run());
  EXPECT_THAT(CallCusp({"admin", "prune", "--older-than", "36h", "--dry-run"}).out,
              HasSubstr("would drop"));
  EXPECT_TRUE(fake_.operations.prune.dry_run());
  EXPECT_EQ(fake_.operations.prune.older_than().seconds(), 36 * 3'600);
}

TEST_F(AdminPruneTest, JsonHasTheCounts) {
  const auto json =
      nlohmann::json::parse(CallCusp({"admin", "prune", "--older-than", "2d", "--json"}).out);
  EXPECT_EQ(json["samples"], 4000);
  EXPECT_EQ(json["dry_run"], false);
}

TEST_F(AdminPruneTest, AgesThatAreNoneReachNoServer) {
  for (const char* age : {"0d", "-1d", "d", "10m", "180days", "1.5d", "999999999d", ""}) {
    const CuspResult result = CallCusp({"admin", "prune", std::string("--older-than=") + age});
    EXPECT_EQ(result.code, kExitUsage) << age;
  }
  EXPECT_EQ(fake_.operations.prune.request_id(), "");
}

}  // namespace
}  // namespace cusp::client
