#include "client/cli/retry.h"

#include <gtest/gtest.h>

#include "common/ids.h"
#include "tests/client/cli/cli_fixture.h"

namespace cusp::client {
namespace {

using RetryTest = CliTest;

TEST_F(RetryTest, SendsTheWholeNameWithARequestId) {
  v1::RetryJobRequest asked;
  coordinator_.jobs.retry = [&](const auto& request, auto& response) {
    asked = request;
    *response.mutable_job() = job_;
    response.mutable_job()->set_state(v1::Job::STATE_QUEUED);
    return grpc::Status::OK;
  };
  const CuspResult result = CallCusp({"retry", "k3f9"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "job k3f9x2a1bc queued\n");
  EXPECT_EQ(asked.name(), "jobs/k3f9x2a1bc");
  EXPECT_TRUE(IsUuid(asked.request_id()));
}

}  // namespace
}  // namespace cusp::client
