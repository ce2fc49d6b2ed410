#include "client/cli/workers.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/client/cli/cli_fixture.h"

namespace cusp::client {
namespace {

class WorkersTest : public CliTest {
 protected:
  WorkersTest() {
    coordinator_.workers.list = [](const auto&, auto& response) {
      v1::Worker* worker = response.add_workers();
      worker->set_name("workers/gpu0");
      worker->set_state(v1::Worker::STATE_BUSY);
      worker->set_device_class("NVIDIA H200");
      worker->set_device("cuda:0");
      worker->set_host("lab1");
      worker->set_memory_bytes(int64_t{140} << 30);
      worker->set_cores(16);
      worker->mutable_speed()->add_threads()->set_bytes_per_second(3e12);
      worker->set_current_sweep("jobs/abc/sweeps/1");
      return grpc::Status::OK;
    };
  }
};

TEST_F(WorkersTest, PrintsClassStateAndSweep) {
  EXPECT_THAT(
      CallCusp({"workers"}).out,
      testing::HasSubstr(
          "gpu0  busy   NVIDIA H200   cuda:0  lab1  140 GiB     16  -         abc/sweeps/1"));
}

TEST_F(WorkersTest, DrainedWorkerIsToldWithTheReason) {
  EXPECT_THAT(CallCusp({"workers"}).out, testing::Not(testing::HasSubstr("is drained")));
  coordinator_.workers.list = [](const auto&, auto& response) {
    v1::Worker* worker = response.add_workers();
    worker->set_name("workers/gpu0");
    worker->set_state(v1::Worker::STATE_DRAINING);
    worker->set_drain_reason("3 sweeps in a row failed on it");
    return grpc::Status::OK;
  };
  EXPECT_THAT(CallCusp({"workers"}).out,
              testing::HasSubstr("gpu0 is drained: 3 sweeps in a row failed on it\n"));
}

TEST_F(WorkersTest, Json) {
  const auto json = nlohmann::json::parse(CallCusp({"workers", "--json"}).out);
  EXPECT_EQ(json["workers"][0]["device_class"], "NVIDIA H200");
  EXPECT_EQ(json["workers"][0]["speed"][0]["bytes_per_second"], 3e12);
}

}  // namespace
}  // namespace cusp::client
