#include "worker/daemon/device_facts.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/worker/daemon/fake_runner_env.h"
#include "worker/daemon/runner_process.h"

namespace cusp::worker {
namespace {

TEST(DeviceFactsTest, RunnerTellsWhatItRunsOn) {
  RunnerProcessLauncher launcher(FakeRunnerPath());
  const auto facts = AskRunner(launcher, "cpu", 0);
  ASSERT_THAT(facts, IsOk());
  const v1::Worker worker = DescribeWorker("w", ReadHostFacts(), *facts);
  EXPECT_EQ(worker.name(), "workers/w");
  EXPECT_EQ(worker.device_class(), "Fake CPU");
  EXPECT_GE(worker.cores(), 1);
  EXPECT_FALSE(worker.host().empty());
  const v1::Provenance provenance = MakeProvenance(ReadHostFacts(), *facts);
  EXPECT_EQ(provenance.build_id(), "fake");
  EXPECT_FALSE(provenance.kernel().empty());
}

TEST(DeviceFactsTest, MissingRunnerIsAnError) {
  RunnerProcessLauncher launcher("/nowhere");
  EXPECT_THAT(AskRunner(launcher, "cpu", 0), StatusIs(absl::StatusCode::kNotFound));
}

TEST(DeviceFactsTest, DeviceNamesAreResolved) {
  EXPECT_EQ(ResolveDevice("cuda"), "cuda:0");
  EXPECT_EQ(ResolveDevice("cuda:3"), "cuda:3");
  EXPECT_EQ(ResolveDevice("cpu"), "cpu");
  EXPECT_FALSE(ResolveDevice("auto").empty());
}

}  // namespace
}  // namespace cusp::worker
