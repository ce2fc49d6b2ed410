#include "client/cli/cancel.h"

#include <gmock/gmock.h>

#include "common/ids.h"
#include "tests/client/cli/cli_fixture.h"

namespace cusp::client {
namespace {

using CancelTest = CliTest;

TEST_F(CancelTest, SendsTheWholeNameWithARequestId) {
  v1::CancelJobRequest asked;
  coordinator_.jobs.cancel = [&](const auto& request, auto& response) {
    asked = request;
    *response.mutable_job() = job_;
    response.mutable_job()->set_state(v1::Job::STATE_CANCELLED);
    return grpc::Status::OK;
  };
  const CuspResult result = CallCusp({"cancel", "k3f9"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, "job k3f9x2a1bc cancelled\n");
  EXPECT_EQ(asked.name(), "jobs/k3f9x2a1bc");
  EXPECT_TRUE(IsUuid(asked.request_id()));
}

TEST_F(CancelTest, EndedJobIsAnError) {
  coordinator_.jobs.cancel = [](const auto&, auto&) {
    return grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "the job has ended");
  };
  const CuspResult result = CallCusp({"cancel", "k3f9"});
  EXPECT_EQ(result.code, kExitUnexpected);
  EXPECT_EQ(result.err, "cusp: the job has ended\n");
}

}  // namespace
}  // namespace cusp::client
