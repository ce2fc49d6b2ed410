#include "client/cli/hold.h"

#include <gtest/gtest.h>

#include "common/ids.h"
#include "tests/client/cli/cli_fixture.h"

namespace cusp::client {
namespace {

using HoldTest = CliTest;

TEST_F(HoldTest, SendsTheWholeNameWithARequestId) {
  v1::HoldJobRequest asked;
  coordinator_.jobs.hold = [&](const auto& request, auto& response) {
    asked = request;
    *response.mutable_job() = job_;
    response.mutable_job()->set_state(v1::Job::STATE_HELD);
    return grpc::Status::OK;
  };
  const CuspResult result = CallCusp({"hold", "k3f9"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "job k3f9x2a1bc held\n");
  EXPECT_EQ(asked.name(), "jobs/k3f9x2a1bc");
  EXPECT_TRUE(IsUuid(asked.request_id()));
}

}  // namespace
}  // namespace cusp::client
