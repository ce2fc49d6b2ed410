// Runs `cusp` in this process against fake services of operations, SQL and archives.
#pragma once

#include "tests/client/cli/cli_fixture.h"
#include "tests/client/lib/fake_operations.h"

namespace cusp::client {

// Those services, and jobs as CliTest has them, at one address.
class OperationsCliTest : public testing::Test {
 protected:
  OperationsCliTest() : address_("unix:" + temp_.Join("s")), fake_(address_, &jobs_) {
    setenv("HOME", temp_.path().c_str(), 1);
    setenv("CUSP_SERVER", address_.c_str(), 1);
    jobs_.get = [](const v1::GetJobRequest& /*request*/, v1::GetJobResponse& response) {
      *response.mutable_job() = ExampleJob();
      return grpc::Status::OK;
    };
  }
  ~OperationsCliTest() override { unsetenv("CUSP_SERVER"); }

  TempDir temp_;
  const std::string address_;
  FakeJobService jobs_;
  FakeOperations fake_;
};

}  // namespace cusp::client
