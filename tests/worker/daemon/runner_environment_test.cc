#include "worker/daemon/runner_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cusp::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(RunnerEnvironmentTest, WhatSteersComputationStays) {
  const char* const environment[] = {"PATH=/bin",
                                     "OMP_NUM_THREADS=2",
                                     "LD_PRELOAD=/lib/j.so",
                                     "CUDA_VISIBLE_DEVICES=1",
                                     "PYTORCH_CUDA_ALLOC_CONF=a:b",
                                     "CUSP_RUNNER=/r",
                                     nullptr};
  EXPECT_THAT(
      RunnerEnvironment(environment),
      ElementsAre("PATH=/bin", "OMP_NUM_THREADS=2", "LD_PRELOAD=/lib/j.so",
                  "CUDA_VISIBLE_DEVICES=1", "PYTORCH_CUDA_ALLOC_CONF=a:b", "CUSP_RUNNER=/r"));
}

TEST(RunnerEnvironmentTest, SecretsStayWithTheWorker) {
  const char* const environment[] = {"AWS_SECRET_ACCESS_KEY=x",  "GITHUB_TOKEN=x",
                                     "SSH_AUTH_SOCK=/tmp/agent", "DBUS_SESSION_BUS_ADDRESS=y",
                                     "CUSP_TOKEN_FILE=/t",       "PATHOLOGY=1",
                                     "XDG_RUNTIME_DIR=/run/1",   nullptr};
  EXPECT_THAT(RunnerEnvironment(environment), IsEmpty());
}

}  // namespace
}  // namespace cusp::worker
