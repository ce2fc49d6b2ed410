#include "client/cli/job_argument.h"

#include "tests/client/cli/cli_fixture.h"
#include "tests/support/status_matchers.h"

namespace cusp::client {
namespace {

using JobArgumentTest = CliTest;

TEST_F(JobArgumentTest, BeginningOfAnIdBecomesTheWholeName) {
  const auto target = OpenJob(Invocation(), "k3f");
  ASSERT_THAT(target, IsOk());
  EXPECT_EQ(target->job.name(), "jobs/k3f9x2a1bc");
}

TEST_F(JobArgumentTest, WhatIsNoIdIsRefusedBeforeAnyCall) {
  EXPECT_THAT(OpenJob(Invocation(), "../x").status(),
              StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr("cusp list")));
}

}  // namespace
}  // namespace cusp::client
