// A cusp-runner on the first CUDA device.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/worker/runner/runner_process.h"

namespace cusp::runner {

// Each test has a process; it is skipped, with the runner's reason, without a device.
class GpuRunnerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    v1::Request request;
    request.mutable_start()->set_device("cuda:0");
    request.mutable_start()->set_threads(1);
    const v1::Response response = runner_.Call(request);
    if (response.has_failure()) {
      ASSERT_EQ(response.failure().reason(), v1::Failure::REASON_INVALID_CONFIG);
      GTEST_SKIP() << response.failure().message();
    }
    start_ = response.start();
  }

  RunnerProcess runner_;
  v1::StartResponse start_;
};

// TinyBert that decodes.
inline std::string TinyDecoder(int64_t positions) {
  nlohmann::json config = nlohmann::json::parse(TinyBert(positions));
  config["is_decoder"] = true;
  return config.dump();
}

}  // namespace cusp::runner
