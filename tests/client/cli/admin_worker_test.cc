#include "client/cli/admin_worker.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/client/cli/cli_fixture.h"

namespace cusp::client {
namespace {

class AdminWorkerTest : public CliTest {
 protected:
  AdminWorkerTest() {
    coordinator_.admin.drain_worker = [this](const auto& request, auto& response) {
      response.mutable_worker()->set_name(request.worker());
      response.mutable_worker()->set_current_sweep(sweep_);
      response.mutable_worker()->set_draining(true);
      return grpc::Status::OK;
    };
    coordinator_.admin.resume_worker = [](const auto& request, auto& response) {
      response.mutable_worker()->set_name(request.worker());
      return grpc::Status::OK;
    };
  }

  std::string sweep_;
};

TEST_F(AdminWorkerTest, DrainSaysWhatIsStillMeasured) {
  EXPECT_EQ(CallCusp({"admin", "drain", "gpu0"}).out, "workers/gpu0 drained\n");
  sweep_ = "jobs/abc/sweeps/1";
  EXPECT_EQ(CallCusp({"admin", "drain", "workers/gpu0"}).out,
            "workers/gpu0 drained; it finishes jobs/abc/sweeps/1\n");
}

TEST_F(AdminWorkerTest, ResumeEndsIt) {
  EXPECT_EQ(CallCusp({"admin", "resume", "gpu0"}).out, "workers/gpu0 resumed\n");
}

TEST_F(AdminWorkerTest, Json) {
  EXPECT_EQ(nlohmann::json::parse(CallCusp({"admin", "drain", "gpu0", "--json"}).out)["draining"],
            true);
}

TEST_F(AdminWorkerTest, UnknownWorkerIsNotFound) {
  coordinator_.admin.drain_worker = [](const auto&, auto&) {
    return grpc::Status(grpc::StatusCode::NOT_FOUND, "there is no worker");
  };
  EXPECT_EQ(CallCusp({"admin", "drain", "x"}).code, kExitNotFound);
}

}  // namespace
}  // namespace cusp::client
