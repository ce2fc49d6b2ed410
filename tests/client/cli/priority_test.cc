#include "client/cli/priority.h"

#include <gmock/gmock.h>

#include "common/ids.h"
#include "tests/client/cli/cli_fixture.h"

namespace cusp::client {
namespace {

class PriorityTest : public CliTest {
 protected:
  PriorityTest() {
    coordinator_.jobs.set_priority = [this](const auto& request, auto& response) {
      asked_ = request;
      *response.mutable_job() = job_;
      response.mutable_job()->set_state(v1::Job::STATE_QUEUED);
      return grpc::Status::OK;
    };
  }

  v1::SetJobPriorityRequest asked_;
};

TEST_F(PriorityTest, SendsTheNumberAlsoANegativeOne) {
  const CuspResult result = CallCusp({"priority", "k3f9", "-5"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "job k3f9x2a1bc queued\n");
  EXPECT_EQ(asked_.priority(), -5);
  EXPECT_EQ(asked_.name(), "jobs/k3f9x2a1bc");
  EXPECT_TRUE(IsUuid(asked_.request_id()));
}

TEST_F(PriorityTest, WhatIsNoPriorityIsBadUsage) {
  EXPECT_EQ(CallCusp({"priority", "k3f9"}).code, kExitUsage);
  EXPECT_EQ(CallCusp({"priority", "k3f9", "101"}).code, kExitUsage);
  EXPECT_EQ(CallCusp({"priority", "k3f9", "high"}).code, kExitUsage);
}

}  // namespace
}  // namespace cusp::client
